// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ropewalk {

// Bytes of the character that `text` begins with, 0 where there is none.
inline std::size_t utf8_length(std::string_view text) {
  const auto continued = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    const auto c = i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    return c >= low && c <= high;
  };
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return continued(1) ? 2 : 0;
  if (lead < 0xF0) {
    const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : 0xBF;
    return continued(1, low, high) && continued(2) ? 3 : 0;
  }
  if (lead > 0xF4) return 0;
  const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
  return continued(1, low, high) && continued(2) && continued(3) ? 4 : 0;
}

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // in bytes; 0: `text` begins with none
};
Character decode_utf8(std::string_view text);

// Writes a code point, which must be one, to `out`, which must have room for it; returns how many
// bytes it took, four at most.
std::size_t encode_utf8(char32_t code, char* out);
void append_utf8(std::string& out, char32_t code);

bool is_utf8(std::string_view text);
// Every byte that belongs to no character becomes U+FFFD, as where Go ranges over a string.
std::string to_utf8(std::string_view text);
// Characters; every byte that belongs to none counts as one.
std::size_t utf8_characters(std::string_view text);
// At most `bytes` long and cut between characters, `mark` included, which ends what was cut.
std::string cut_utf8(std::string_view text, std::size_t bytes, std::string_view mark);

}  // namespace ropewalk
