#include "dataplane/filters/lua/numbers.h"

#include "common/strings.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

namespace ropewalk::lua {
namespace {

std::optional<std::int64_t> whole(std::string_view text, int base) {
  bool negative = false;
  if (text.starts_with('+') || text.starts_with('-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
    return std::nullopt;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (value > kMost + (negative ? 1 : 0)) return std::nullopt;
  return negative ? static_cast<std::int64_t>(0 - value) : static_cast<std::int64_t>(value);
}

std::optional<double> fraction(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('+')) return std::nullopt;
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<double> as_double(std::optional<std::int64_t> value) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

}  // namespace

std::optional<double> parse_lua_number(std::string_view text) {
  text = trim(text, " \t\n");
  std::string_view digits = text;
  std::string_view sign;
  if (digits.starts_with('+') || digits.starts_with('-')) {
    sign = digits.substr(0, 1);
    digits.remove_prefix(1);
  }
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char kind = lower(digits[1]);
    base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 8;
    digits.remove_prefix(kind == 'x' || kind == 'o' || kind == 'b' ? 2 : 1);
  }
  std::string plain(sign);
  for (const char c : digits)
    if (c != '_') plain += c;
  if (const auto value = whole(plain, base)) return static_cast<double>(*value);
  return fraction(text);
}

std::optional<double> tonumber(std::string_view text) {
  text = trim(text, " \n\t");
  if (text.find('.') != text.npos) return fraction(text);
  if (text.size() > 1 && text[0] == '0' && lower(text[1]) == 'x')
    return as_double(whole(text.substr(2), 16));
  return as_double(whole(text, 10));
}

std::optional<double> tonumber(std::string_view text, int base) {
  text = trim(text, " \n\t");
  if (text.find('.') != text.npos) return fraction(text);
  return as_double(whole(text, base));
}

}  // namespace ropewalk::lua
