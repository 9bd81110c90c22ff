// The parts of timestamps, in UTC or a time zone, and of durations.
#include "common/cel/functions.h"
#include "common/cel/meter.h"
#include "common/cel/prepared.h"
#include "common/cel/time.h"

namespace ropewalk::cel::functions {
namespace {

template <class Part>
Outcome part_of_time(const Call& call, Part part) {
  const Value& time = call.arguments[0];
  if (!time.is(Kind::timestamp)) return no_overload();
  std::int64_t seconds = time.as_timestamp().seconds;
  if (call.arguments.size() == 2) {
    if (!call.arguments[1].is(Kind::text)) return no_overload();
    if (call.prepared) {
      seconds += call.prepared->zone->offset(seconds);
    } else {
      // Reads a file: more than one step.
      if (!call.meter.spend(2000)) return no_overload();
      const auto zone = Zone::find(call.arguments[1].as_text());
      if (!zone) return failed("unknown time zone");
      seconds += zone->offset(seconds);
    }
  }
  return Value::integer(part(civil_time(seconds)));
}

// Whole units of a duration, else a part of the time.
template <class Part>
Outcome part(const Call& call, std::int64_t unit, Part of_time) {
  const Value& a = call.arguments[0];
  if (a.is(Kind::duration) && call.arguments.size() == 1)
    return Value::integer(a.as_duration().nanos / unit);
  return part_of_time(call, of_time);
}

}  // namespace

Outcome full_year(const Call& call) {
  return part_of_time(call, [](const Civil& civil) { return civil.year; });
}
Outcome month(const Call& call) {
  return part_of_time(call, [](const Civil& civil) { return civil.month - 1; });
}
Outcome day_of_year(const Call& call) {
  return part_of_time(call, [](const Civil& civil) { return civil.year_day; });
}
Outcome day_of_month(const Call& call) {
  return part_of_time(call, [](const Civil& civil) { return civil.day - 1; });
}
Outcome date(const Call& call) {
  return part_of_time(call, [](const Civil& civil) { return civil.day; });
}
Outcome day_of_week(const Call& call) {
  return part_of_time(call, [](const Civil& civil) { return civil.weekday; });
}
Outcome hours(const Call& call) {
  return part(call, 3'600'000'000'000, [](const Civil& civil) { return civil.hour; });
}
Outcome minutes(const Call& call) {
  return part(call, 60'000'000'000, [](const Civil& civil) { return civil.minute; });
}
Outcome seconds(const Call& call) {
  return part(call, 1'000'000'000, [](const Civil& civil) { return civil.second; });
}
Outcome milliseconds(const Call& call) {
  const Value& a = call.arguments[0];
  const std::int64_t nanos = a.is(Kind::timestamp) ? a.as_timestamp().nanos : 0;
  return part(call, 1'000'000, [nanos](const Civil&) { return nanos / 1'000'000; });
}

}  // namespace ropewalk::cel::functions
