// Timestamps and durations as texts and as calendar, by Go's rules (time.Parse with RFC 3339,
// time.ParseDuration), which are KrakenD's. Pure.
#pragma once

#include "common/cel/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::cel {

struct Civil {
  int year = 1970;
  int month = 1;  // 1 to 12
  int day = 1;    // 1 to 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;   // 0 is Sunday
  int year_day = 0;  // 0 is January 1st
};

// Days since 1970-01-01.
std::int64_t days_of(int year, int month, int day);
Civil civil_time(std::int64_t seconds);

inline constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// Nothing where the text is none or the time is out of range.
std::optional<Timestamp> parse_timestamp(std::string_view text);
std::optional<Duration> parse_duration(std::string_view text);
std::string to_text(Timestamp time);
std::string to_text(Duration duration);

// Nothing where the result is out of range.
std::optional<Timestamp> add(Timestamp time, Duration duration);
std::optional<Duration> between(Timestamp later, Timestamp earlier);

}  // namespace ropewalk::cel
