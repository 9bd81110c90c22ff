// The characters of XML 1.0. Pure.
#pragma once

namespace ropewalk::codec {

// 2.2: tab, line breaks, and what is no control character, surrogate, U+FFFE or U+FFFF.
bool xml_character(char32_t character);
// 2.3, NameStartChar and NameChar.
bool xml_name_start(char32_t character);
bool xml_name_character(char32_t character);

}  // namespace ropewalk::codec
