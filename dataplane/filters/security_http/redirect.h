// The redirect to TLS, as Go's http.Redirect writes it. Pure.
#pragma once

#include "dataplane/http/message.h"

#include <string>
#include <string_view>

namespace ropewalk::filters {

// "https://host/path?query" of the request; what a URL cannot hold is percent-encoded.
std::string https_location(std::string_view host, const http::RequestHead& head);
// The small page of a 301.
std::string redirect_page(std::string_view location);

}  // namespace ropewalk::filters
