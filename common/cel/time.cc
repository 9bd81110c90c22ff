#include "common/cel/time.h"

#include "common/cel/number.h"

#include <charconv>
#include <cstdio>
#include <limits>

namespace ropewalk::cel {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[month - 1];
}

class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}
  std::optional<int> take(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }
  bool sign(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  // ".25" -> nanoseconds; further digits are cut.
  std::optional<std::int32_t> fraction() {
    if (!sign('.') && !sign(',')) return 0;
    std::int32_t nanos = 0;
    std::int32_t unit = 100'000'000;
    std::size_t count = 0;
    for (; count < text_.size() && text_[count] >= '0' && text_[count] <= '9'; ++count) {
      nanos += (text_[count] - '0') * unit;
      unit /= 10;
    }
    if (count == 0) return std::nullopt;
    text_.remove_prefix(count);
    return nanos;
  }
  bool empty() const { return text_.empty(); }

 private:
  std::string_view text_;
};

std::optional<std::int64_t> zone_seconds(Digits& text) {
  if (text.sign('Z')) return 0;
  const bool west = text.sign('-');
  if (!west && !text.sign('+')) return std::nullopt;
  const auto hours = text.take(2);
  if (!hours || *hours > 24 || !text.sign(':')) return std::nullopt;
  const auto minutes = text.take(2);
  if (!minutes || *minutes > 60) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

std::optional<std::int64_t> unit_of(std::string_view& text) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ns", 1},         {"us", 1000},   {"µs", 1000},        {"μs", 1000},
      {"ms", 1'000'000}, {"s", kSecond}, {"m", 60 * kSecond}, {"h", 3600 * kSecond}};
  std::size_t end = 0;
  while (end < text.size() && text[end] != '.' && (text[end] < '0' || text[end] > '9')) ++end;
  for (const auto& [name, unit] : kUnits)
    if (text.substr(0, end) == name) {
      text.remove_prefix(end);
      return unit;
    }
  return std::nullopt;
}

// One "1.5h" of a duration, in nanoseconds.
std::optional<std::int64_t> piece(std::string_view& text) {
  std::int64_t whole = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
    if (__builtin_mul_overflow(whole, 10, &whole) ||
        __builtin_add_overflow(whole, text[at] - '0', &whole))
      return std::nullopt;
  std::size_t digits = at;
  double part = 0;
  if (at < text.size() && text[at] == '.') {
    double weight = 0.1;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      part += (text[at] - '0') * weight;
      weight /= 10;
    }
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(at);
  const auto unit = unit_of(text);
  std::int64_t out = 0;
  if (!unit || __builtin_mul_overflow(whole, *unit, &out) ||
      __builtin_add_overflow(
          out, static_cast<std::int64_t>(part * static_cast<double>(*unit) + 1e-6), &out))
    return std::nullopt;
  return out;
}

}  // namespace

std::int64_t days_of(int year, int month, int day) {
  // Years begin in March, so that the leap day is the last (Howard Hinnant, "chrono-Compatible
  // Low-Level Date Algorithms").
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Civil civil_time(std::int64_t seconds) {
  const std::int64_t days = floor_div(seconds, 86400);
  const auto rest = static_cast<int>(seconds - days * 86400);
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = floor_div(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto march_month = static_cast<int>((5 * day_of_year + 2) / 153);
  Civil out;
  out.day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5) + 1;
  out.month = march_month < 10 ? march_month + 3 : march_month - 9;
  out.year = static_cast<int>(year_of_era + era * 400) + (out.month <= 2 ? 1 : 0);
  out.hour = rest / 3600;
  out.minute = rest / 60 % 60;
  out.second = rest % 60;
  out.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  out.year_day = static_cast<int>(days - days_of(out.year, 1, 1));
  return out;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Digits digits(text);
  const auto year = digits.take(4);
  if (!year || !digits.sign('-')) return std::nullopt;
  const auto month = digits.take(2);
  if (!month || *month < 1 || *month > 12 || !digits.sign('-')) return std::nullopt;
  const auto day = digits.take(2);
  if (!day || *day < 1 || *day > days_in(*year, *month) || !digits.sign('T')) return std::nullopt;
  const auto hour = digits.take(2);
  if (!hour || *hour > 23 || !digits.sign(':')) return std::nullopt;
  const auto minute = digits.take(2);
  if (!minute || *minute > 59 || !digits.sign(':')) return std::nullopt;
  const auto second = digits.take(2);
  if (!second || *second > 59) return std::nullopt;
  const auto nanos = digits.fraction();
  if (!nanos) return std::nullopt;
  const auto zone = zone_seconds(digits);
  if (!zone || !digits.empty()) return std::nullopt;
  const std::int64_t seconds =
      days_of(*year, *month, *day) * 86400 + *hour * 3600 + *minute * 60 + *second - *zone;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Timestamp{seconds, *nanos};
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Duration{};
  if (text.empty()) return std::nullopt;
  std::int64_t nanos = 0;
  while (!text.empty()) {
    const auto next = piece(text);
    if (!next || __builtin_add_overflow(nanos, *next, &nanos)) return std::nullopt;
  }
  return Duration{negative ? -nanos : nanos};
}

std::string to_text(Timestamp time) {
  const Civil civil = civil_time(time.seconds);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month,
                civil.day, civil.hour, civil.minute, civil.second);
  std::string out = text;
  if (time.nanos != 0) {
    std::snprintf(text, sizeof text, ".%09d", time.nanos);
    out += text;
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

std::string to_text(Duration duration) {
  const auto whole = duration.nanos / kSecond;
  const auto rest = duration.nanos % kSecond;
  return fixed_text(static_cast<double>(whole) + static_cast<double>(rest) / 1e9) + "s";
}

std::optional<Timestamp> add(Timestamp time, Duration duration) {
  std::int64_t seconds = time.seconds + floor_div(duration.nanos, kSecond);
  std::int64_t nanos = time.nanos + (duration.nanos - floor_div(duration.nanos, kSecond) * kSecond);
  if (nanos >= kSecond) {
    nanos -= kSecond;
    ++seconds;
  }
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Timestamp{seconds, static_cast<std::int32_t>(nanos)};
}

std::optional<Duration> between(Timestamp later, Timestamp earlier) {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(later.seconds - earlier.seconds, kSecond, &nanos) ||
      __builtin_add_overflow(nanos, later.nanos - earlier.nanos, &nanos))
    return std::nullopt;
  return Duration{nanos};
}

}  // namespace ropewalk::cel
