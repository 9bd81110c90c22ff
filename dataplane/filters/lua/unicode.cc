#include "dataplane/filters/lua/unicode.h"

#include <clocale>
#include <cwctype>

namespace ropewalk::lua {
namespace {

// glibc has this locale built in.
locale_t unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

// The code point at `at`, which moves behind it; U+FFFD and one byte for what is no UTF-8.
char32_t take(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  constexpr char32_t kFirstBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (size == 0 || at + size > text.size()) {
    ++at;
    return 0xfffd;
  }
  char32_t out = first & kFirstBits[size];
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0) != 0x80) {
      ++at;
      return 0xfffd;
    }
    out = (out << 6) | (next & 0x3f);
  }
  if (out < kLeast[size] || out > 0x10ffff || (out >= 0xd800 && out < 0xe000)) {
    ++at;
    return 0xfffd;
  }
  at += size;
  return out;
}

template <class Change>
std::string change(std::string_view text, Change letter) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_utf8(out, letter(take(text, at)));
  return out;
}

}  // namespace

std::string to_upper_utf8(std::string_view text) {
  return change(text, [](char32_t c) -> char32_t {
    if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
    return unicode() ? static_cast<char32_t>(towupper_l(static_cast<wint_t>(c), unicode())) : c;
  });
}

std::string to_lower_utf8(std::string_view text) {
  return change(text, [](char32_t c) -> char32_t {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return unicode() ? static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), unicode())) : c;
  });
}

}  // namespace ropewalk::lua
