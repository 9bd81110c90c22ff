#include "config/duration.h"

#include <array>
#include <limits>
#include <utility>

namespace ropewalk::config {
namespace {

using Nanoseconds = unsigned __int128;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits{{
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},  // micro sign
    {"\u03bcs", 1'000},  // Greek mu
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

constexpr Nanoseconds kLimit = std::numeric_limits<std::int64_t>::max();

bool digit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

// One "1.5h" from the front of `text`.
std::optional<Nanoseconds> take_part(std::string_view& text) {
  Nanoseconds whole = 0;
  bool any = false;
  for (; digit(text); text.remove_prefix(1), any = true) {
    whole = whole * 10 + static_cast<unsigned>(text[0] - '0');
    if (whole > kLimit) return std::nullopt;
  }
  Nanoseconds fraction = 0;
  Nanoseconds scale = 1;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    for (; digit(text); text.remove_prefix(1), any = true) {
      if (scale > kLimit / 10) continue;  // digits beyond a nanosecond of the largest unit
      fraction = fraction * 10 + static_cast<unsigned>(text[0] - '0');
      scale *= 10;
    }
  }
  if (!any) return std::nullopt;
  const std::string_view unit = text.substr(0, text.find_first_of("0123456789."));
  for (const auto& [name, nanoseconds] : kUnits) {
    if (unit != name) continue;
    text.remove_prefix(unit.size());
    const auto factor = static_cast<Nanoseconds>(nanoseconds);
    const Nanoseconds value = whole * factor + fraction * factor / scale;
    if (value > kLimit) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  Nanoseconds total = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return std::nullopt;
    total += *part;
    if (total > kLimit) return std::nullopt;
  }
  const auto value = static_cast<std::int64_t>(total);
  return negative ? -value : value;
}

}  // namespace ropewalk::config
