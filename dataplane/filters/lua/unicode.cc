#include "dataplane/filters/lua/unicode.h"

#include "common/utf8.h"

#include <clocale>
#include <cwctype>

namespace ropewalk::lua {
namespace {

// glibc has this locale built in.
locale_t unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

// The code point at `at`, which moves behind it; U+FFFD and one byte for what is no UTF-8.
char32_t take(std::string_view text, std::size_t& at) {
  const auto [code, length] = decode_utf8(text.substr(at));
  at += length == 0 ? 1 : length;
  return length == 0 ? U'\ufffd' : code;
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
