// Time zones by name ("Europe/Berlin"), from the system's zone files (RFC 8536), and by offset
// ("+05:30", "02:00").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::cel {

// Immutable; any thread may ask.
class Zone {
 public:
  // Reads a file of a few KB when `name` is not an offset, "" or "UTC". Nothing for what is
  // unknown.
  static std::optional<Zone> find(std::string_view name);

  // Seconds east of UTC at that time.
  std::int64_t offset(std::int64_t utc_seconds) const;

 private:
  friend class ZoneFile;
  // A day of the year on which clocks change (POSIX TZ: Mm.w.d/time).
  struct Change {
    int month = 0;
    int week = 0;
    int weekday = 0;
    std::int64_t seconds = 7200;  // after midnight, local time before the change
  };
  struct Rule {
    std::int64_t standard = 0;
    std::int64_t summer = 0;
    std::optional<Change> begin;  // of summer time; without it standard time all year
    std::optional<Change> end;
  };
  static std::optional<Zone> by_offset(std::string_view text);
  std::int64_t by_rule(std::int64_t utc_seconds) const;

  std::vector<std::int64_t> times_;    // ascending; each begins an offset
  std::vector<std::int64_t> offsets_;  // of times_
  std::int64_t first_ = 0;             // before all of them
  std::optional<Rule> rule_;           // after all of them
};

}  // namespace ropewalk::cel
