#include "common/cel/number.h"

#include <charconv>
#include <cmath>

namespace ropewalk::cel {
namespace {

std::optional<std::string> special(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  return std::nullopt;
}

template <class T>
std::optional<T> read_whole(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string general_text(double value) {
  if (auto text = special(value)) return *text;
  char buffer[64];
  const auto shortest =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(shortest.ptr - buffer));
  const int exponent = std::stoi(std::string(text.substr(text.find('e') + 1)));
  // to_chars writes at least two digits of the exponent, as Go does.
  if (exponent < -4 || exponent >= 6) return std::string(text);
  return fixed_text(value);
}

std::string fixed_text(double value) {
  if (auto text = special(value)) return *text;
  char buffer[512];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  return {buffer, end.ptr};
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  return read_whole<std::int64_t>(text);
}

std::optional<std::uint64_t> read_uinteger(std::string_view text) {
  return read_whole<std::uint64_t>(text);
}

std::optional<double> read_double(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  if (text.empty() || text.contains('(')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc{}) return value;
  // Too small is zero, too large no number.
  if (text.contains("e-") || text.contains("E-")) return text.starts_with('-') ? -0.0 : 0.0;
  return std::nullopt;
}

std::optional<bool> read_boolean(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return std::nullopt;
}

}  // namespace ropewalk::cel
