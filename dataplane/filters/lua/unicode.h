// Letter case of UTF-8 text, letter by letter as Go's strings.ToUpper and ToLower; bytes that are
// no UTF-8 become U+FFFD as there. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ropewalk::lua {

std::string to_upper_utf8(std::string_view text);
std::string to_lower_utf8(std::string_view text);

}  // namespace ropewalk::lua
