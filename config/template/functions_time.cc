// Dates and durations. All times are in UTC, the only zone.
#include "config/duration.h"
#include "config/template/calendar.h"
#include "config/template/functions.h"

#include <array>
#include <chrono>
#include <cmath>

namespace ropewalk::config::templates {
namespace {

Time current() {
  return {std::chrono::duration_cast<std::chrono::seconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

// What is no time counts as now, as in Sprig.
Time time_of(const Value& value) {
  if (value.type() == Type::time) return value.time();
  if (value.is_integer()) return {value.integer()};
  return current();
}

bool known_zone(const std::string& zone) {
  return zone.empty() || zone == "UTC" || zone == "Local" || zone == "Etc/UTC" || zone == "GMT";
}

bool showable(Time time) {
  return time.seconds > -62'135'596'800 && time.seconds < 253'402'300'800;
}

Answer shown(const Value& value, std::string_view layout, const std::string& zone) {
  if (!known_zone(zone)) return refuse("only the zone UTC is known, got " + zone);
  const Time time = time_of(value);
  if (!showable(time)) return refuse("the time is out of range");
  return Value::of(format_time(time, layout));
}

Answer now(Context&, Arguments&) { return Value::of(current()); }
Answer date(Context&, Arguments& a) { return shown(a[1], a[0].text(), ""); }
Answer date_in_zone(Context&, Arguments& a) { return shown(a[1], a[0].text(), a[2].text()); }
Answer html_date(Context&, Arguments& a) { return shown(a[0], "2006-01-02", ""); }
Answer to_date(Context&, Arguments& a) {
  const auto time = parse_time(a[0].text(), a[1].text());
  return Value::of(time.value_or(Time{-62'135'596'799}));
}
Answer must_to_date(Context&, Arguments& a) {
  const auto time = parse_time(a[0].text(), a[1].text());
  if (!time) return refuse("cannot parse \"" + a[1].text() + "\" as \"" + a[0].text() + "\"");
  return Value::of(*time);
}
Answer modify(Context&, Arguments& a) {
  const auto by = parse_duration(a[0].text());
  const Time time = time_of(a[1]);
  return Value::of(Time{time.seconds + (by ? *by / 1'000'000'000 : 0)});
}
Answer epoch(Context&, Arguments& a) { return Value::of(std::to_string(time_of(a[0]).seconds)); }

// time.Duration's String for whole seconds.
std::string duration_text(std::int64_t seconds) {
  if (seconds == 0) return "0s";
  const bool negative = seconds < 0;
  const auto all =
      negative ? 0 - static_cast<std::uint64_t>(seconds) : static_cast<std::uint64_t>(seconds);
  std::string out;
  if (all >= 3600) out += std::to_string(all / 3600) + "h";
  if (all >= 60) out += std::to_string(all / 60 % 60) + "m";
  return (negative ? "-" : "") + out + std::to_string(all % 60) + "s";
}
Answer duration(Context&, Arguments& a) {
  // An int of the template is neither a text nor an int64: 0, as in Sprig.
  std::int64_t seconds = 0;
  if (a[0].type() == Type::text || a[0].type() == Type::integer64) seconds = to_int64(a[0]);
  return Value::of(duration_text(seconds));
}
Answer duration_round(Context&, Arguments& a) {
  std::int64_t nanoseconds = 0;
  if (a[0].type() == Type::text)
    nanoseconds = parse_duration(a[0].text()).value_or(0);
  else if (a[0].type() == Type::integer64)
    nanoseconds = a[0].integer();
  else if (a[0].type() == Type::time)
    nanoseconds = (current().seconds - a[0].time().seconds) * 1'000'000'000;
  const bool negative = nanoseconds < 0;
  const auto size = negative ? 0 - static_cast<std::uint64_t>(nanoseconds)
                             : static_cast<std::uint64_t>(nanoseconds);
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr auto kUnits =
      std::to_array<std::pair<std::uint64_t, const char*>>({{31'536'000 * kSecond, "y"},
                                                            {2'592'000 * kSecond, "mo"},
                                                            {86'400 * kSecond, "d"},
                                                            {3'600 * kSecond, "h"},
                                                            {60 * kSecond, "m"},
                                                            {kSecond, "s"}});
  for (const auto& [unit, name] : kUnits)
    if (size > unit) return Value::of((negative ? "-" : "") + std::to_string(size / unit) + name);
  return Value::of("0s");
}

constexpr auto kTimeFunctions = std::to_array<Function>({
    {"date", "sa", date},
    {"dateInZone", "sas", date_in_zone},
    {"dateModify", "sa", modify},
    {"date_in_zone", "sas", date_in_zone},
    {"date_modify", "sa", modify},
    {"duration", "a", duration},
    {"durationRound", "a", duration_round},
    {"htmlDate", "a", html_date},
    {"mustDateModify", "sa", modify},
    {"mustToDate", "ss", must_to_date},
    {"now", "", now},
    {"toDate", "ss", to_date},
    {"unixEpoch", "a", epoch},
});

}  // namespace

std::span<const Function> time_functions() { return kTimeFunctions; }

}  // namespace ropewalk::config::templates
