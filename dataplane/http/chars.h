// Character classes of HTTP/1.1 (RFC 9110 5.6, RFC 3986) and the scan for control characters, for
// the parsers and writers of this module. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ropewalk::http {

using CharClass = std::array<bool, 256>;

consteval CharClass char_class(std::string_view extra) {
  CharClass table{};
  for (unsigned c = 0; c < 128; ++c)
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  for (char c : extra) table[static_cast<unsigned char>(c)] = true;
  return table;
}

inline constexpr CharClass kTokenChar = char_class("!#$%&'*+-.^_`|~");
inline constexpr CharClass kUnreservedChar = char_class("-._~");
inline constexpr CharClass kRegNameChar = char_class("-._~!$&'()*+,;=");

inline constexpr bool in_class(const CharClass& table, char c) {
  return table[static_cast<unsigned char>(c)];
}

inline constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

inline constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 0 to 15, or -1.
inline constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whether all are of the class. No early exit: the texts are short, and nearly all hold.
inline constexpr bool all_in_class(const CharClass& table, std::string_view text) {
  bool all = true;
  for (char c : text) all &= in_class(table, c);
  return all;
}

inline bool is_token(std::string_view text) {
  return !text.empty() && all_in_class(kTokenChar, text);
}

// The first control character other than HTAB in [begin, end), or `end`.
inline const char* find_control(const char* begin, const char* end) {
#if defined(__SSE2__)
  const auto controls = [](__m128i bytes) {  // a bit each
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del)));
  };
  for (; end - begin >= 16; begin += 16)
    if (const unsigned found = controls(_mm_loadu_si128(reinterpret_cast<const __m128i*>(begin))))
      return begin + __builtin_ctz(found);
  if (end - begin >= 8) {
    if (const unsigned found =
            controls(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(begin))) & 0xff)
      return begin + __builtin_ctz(found);
    begin += 8;
  }
#endif
  for (; begin != end; ++begin)
    if (is_control(*begin) && *begin != '\t') return begin;
  return end;
}

}  // namespace ropewalk::http
