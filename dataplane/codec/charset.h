// Character sets of XML documents. Any thread may call.
#pragma once

#include "common/error.h"

#include <string>
#include <string_view>

namespace ropewalk::codec {

// The document as UTF-8, by the encoding that its XML declaration names (a label of the WHATWG
// encoding standard); bytes without meaning become U+FFFD. "" when the document is taken as it
// stands: no declaration, or UTF-8. Errors (Kind::decode): an unknown encoding, a version of XML
// other than 1.0.
Result<std::string> to_utf8(std::string_view document);

}  // namespace ropewalk::codec
