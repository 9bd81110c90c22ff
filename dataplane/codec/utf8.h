// UTF-8 and the characters of XML 1.0. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ropewalk::codec {

// The character that `text` begins with; `length` is its bytes, 0 where it is not well formed.
struct Decoded {
  char32_t character = 0;
  std::size_t length = 0;
};
Decoded decode_utf8(std::string_view text);
bool valid_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t character);

// XML 1.0 2.2: tab, line breaks, and what is no control character, surrogate, U+FFFE or U+FFFF.
bool xml_character(char32_t character);
// XML 1.0 2.3, NameStartChar and NameChar.
bool xml_name_start(char32_t character);
bool xml_name_character(char32_t character);

}  // namespace ropewalk::codec
