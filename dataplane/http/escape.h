// Percent-encoding as Go's net/url chooses it, for target.cc and url_pattern.cc. Pure.
#pragma once

#include "dataplane/http/chars.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::http {

// A path whose bytes are all among these goes out as it was written ...
inline constexpr CharClass kValidPathChar = char_class("-_.~!$&'()*+,;=:@/[]");
// ... any other path is encoded anew, and then only these stay.
inline constexpr CharClass kPlainPathChar = char_class("-_.~$&+,/:;=@");

enum class PathStyle : std::uint8_t { kept, encoded };

void append_escape(std::string& out, char c);  // %XX
bool needs_path_encoding(std::string_view value);
// A value inside one path segment: / ? # % never stay.
void append_segment(std::string& out, std::string_view value, PathStyle style);

inline bool is_escape(std::string_view text, std::size_t percent) {
  return text.size() - percent >= 3 && hex_value(text[percent + 1]) >= 0 &&
         hex_value(text[percent + 2]) >= 0;
}

}  // namespace ropewalk::http
