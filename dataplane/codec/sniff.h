// The Content-Type that Go's server gives a body without one (WHATWG MIME sniffing, the subset of
// net/http). Pure.
#pragma once

#include <string_view>

namespace ropewalk::codec {

// Looks at the first 512 bytes. "text/plain; charset=utf-8" for an empty body.
std::string_view sniff_content_type(std::string_view body);

}  // namespace ropewalk::codec
