#include "config/template/calendar.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace ropewalk::config::templates {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};

// Longest first where one begins another.
constexpr std::array<std::string_view, 27> kTokens{
    "January", "Jan", "Monday", "Mon", "MST", "2006", "-07:00", "-0700", "-07",
    "Z07:00",  "01",  "02",     "03",  "04",  "05",   "06",     "_2",    "15",
    "PM",      "pm",  "1",      "2",   "3",   "4",    "5",      ".000",  ".0"};

std::string_view token_at(std::string_view layout) {
  for (const std::string_view token : kTokens)
    if (layout.starts_with(token)) return token;
  return {};
}

struct Parts {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, weekday = 0;
  std::optional<bool> afternoon;
  int offset = 0;  // seconds
};

Parts parts_of(Time time) {
  const std::chrono::sys_seconds at{std::chrono::seconds(time.seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(at - midnight);
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(clock.hours().count()),
          .minute = static_cast<int>(clock.minutes().count()),
          .second = static_cast<int>(clock.seconds().count()),
          .weekday = static_cast<int>(std::chrono::weekday(midnight).c_encoding())};
}

std::string padded(int value, int width, char fill = '0') {
  std::string out = std::to_string(value);
  if (out.size() < static_cast<std::size_t>(width)) out.insert(0, width - out.size(), fill);
  return out;
}

std::string show(const Parts& p, std::string_view token) {
  const int twelve = p.hour % 12 == 0 ? 12 : p.hour % 12;
  const auto month = kMonths[static_cast<std::size_t>(p.month - 1)];
  const auto day = kDays[static_cast<std::size_t>(p.weekday)];
  if (token == "2006") return padded(p.year, 4);
  if (token == "06") return padded(p.year % 100, 2);
  if (token == "01") return padded(p.month, 2);
  if (token == "1") return std::to_string(p.month);
  if (token == "Jan") return std::string(month.substr(0, 3));
  if (token == "January") return std::string(month);
  if (token == "02") return padded(p.day, 2);
  if (token == "_2") return padded(p.day, 2, ' ');
  if (token == "2") return std::to_string(p.day);
  if (token == "Mon") return std::string(day.substr(0, 3));
  if (token == "Monday") return std::string(day);
  if (token == "15") return padded(p.hour, 2);
  if (token == "03") return padded(twelve, 2);
  if (token == "3") return std::to_string(twelve);
  if (token == "04") return padded(p.minute, 2);
  if (token == "4") return std::to_string(p.minute);
  if (token == "05") return padded(p.second, 2);
  if (token == "5") return std::to_string(p.second);
  if (token == "PM") return p.hour >= 12 ? "PM" : "AM";
  if (token == "pm") return p.hour >= 12 ? "pm" : "am";
  if (token == "MST") return "UTC";
  if (token == "-0700") return "+0000";
  if (token == "-07:00") return "+00:00";
  if (token == "-07") return "+00";
  if (token == "Z07:00") return "Z";
  return token == ".000" ? ".000" : ".0";
}

// Digits from the front, `least` to `most` of them.
std::optional<int> number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t n = 0;
  int value = 0;
  for (; n < most && n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n)
    value = value * 10 + (text[n] - '0');
  if (n < least) return std::nullopt;
  text.remove_prefix(n);
  return value;
}

template <std::size_t N>
std::optional<int> word(std::string_view& text, const std::array<std::string_view, N>& words,
                        bool abbreviated) {
  for (std::size_t i = 0; i < N; ++i) {
    const std::string_view full = abbreviated ? words[i].substr(0, 3) : words[i];
    if (!text.starts_with(full)) continue;
    text.remove_prefix(full.size());
    return static_cast<int>(i);
  }
  return std::nullopt;
}

bool zone(std::string_view& text, std::string_view token, Parts& out) {
  if (token == "MST") {
    if (!text.starts_with("UTC") && !text.starts_with("GMT")) return false;
    text.remove_prefix(3);
    return true;
  }
  if (token == "Z07:00" && text.starts_with('Z')) {
    text.remove_prefix(1);
    return true;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = number(text, 2, 2);
  if (!hours) return false;
  int minutes = 0;
  if (token != "-07") {
    if (token != "-0700") {
      if (!text.starts_with(':')) return false;
      text.remove_prefix(1);
    }
    const auto read = number(text, 2, 2);
    if (!read) return false;
    minutes = *read;
  }
  out.offset = sign * (*hours * 3600 + minutes * 60);
  return true;
}

bool take(std::string_view& text, std::string_view token, Parts& out) {
  const auto set = [](int& field, std::optional<int> value, int plus = 0) {
    if (value) field = *value + plus;
    return value.has_value();
  };
  if (token == "2006") return set(out.year, number(text, 4, 4));
  if (token == "06") return set(out.year, number(text, 2, 2), 2000);
  if (token == "01") return set(out.month, number(text, 2, 2));
  if (token == "1") return set(out.month, number(text, 1, 2));
  if (token == "Jan") return set(out.month, word(text, kMonths, true), 1);
  if (token == "January") return set(out.month, word(text, kMonths, false), 1);
  if (token == "02") return set(out.day, number(text, 2, 2));
  if (token == "2") return set(out.day, number(text, 1, 2));
  if (token == "_2") {
    if (text.starts_with(' ')) text.remove_prefix(1);
    return set(out.day, number(text, 1, 2));
  }
  if (token == "Mon") return set(out.weekday, word(text, kDays, true));
  if (token == "Monday") return set(out.weekday, word(text, kDays, false));
  if (token == "15" || token == "03") return set(out.hour, number(text, 2, 2));
  if (token == "3") return set(out.hour, number(text, 1, 2));
  if (token == "04") return set(out.minute, number(text, 2, 2));
  if (token == "4") return set(out.minute, number(text, 1, 2));
  if (token == "05") return set(out.second, number(text, 2, 2));
  if (token == "5") return set(out.second, number(text, 1, 2));
  if (token == "PM" || token == "pm") {
    const std::string_view late = token == "PM" ? "PM" : "pm";
    const std::string_view early = token == "PM" ? "AM" : "am";
    if (!text.starts_with(late) && !text.starts_with(early)) return false;
    out.afternoon = text.starts_with(late);
    text.remove_prefix(2);
    return true;
  }
  if (token.starts_with('.')) {
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
    return number(text, token.size() - 1, token.size() - 1).has_value();
  }
  return zone(text, token, out);
}

}  // namespace

std::string format_time(Time time, std::string_view layout) {
  const Parts parts = parts_of(time);
  std::string out;
  while (!layout.empty()) {
    const std::string_view token = token_at(layout);
    if (token.empty()) {
      out += layout[0];
      layout.remove_prefix(1);
      continue;
    }
    out += show(parts, token);
    layout.remove_prefix(token.size());
  }
  return out;
}

std::optional<Time> parse_time(std::string_view layout, std::string_view text) {
  Parts parts;
  parts.year = 0;
  while (!layout.empty()) {
    const std::string_view token = token_at(layout);
    if (token.empty()) {
      if (text.empty() || text[0] != layout[0]) return std::nullopt;
      layout.remove_prefix(1);
      text.remove_prefix(1);
      continue;
    }
    if (!take(text, token, parts)) return std::nullopt;
    layout.remove_prefix(token.size());
  }
  if (parts.afternoon) parts.hour = parts.hour % 12 + (*parts.afternoon ? 12 : 0);
  const std::chrono::year_month_day date(std::chrono::year(parts.year),
                                         std::chrono::month(static_cast<unsigned>(parts.month)),
                                         std::chrono::day(static_cast<unsigned>(parts.day)));
  const bool clock = parts.hour < 24 && parts.minute < 60 && parts.second < 60;
  if (!text.empty() || !date.ok() || !clock) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return Time{days * 86400 + parts.hour * 3600 + parts.minute * 60 + parts.second - parts.offset};
}

}  // namespace ropewalk::config::templates
