// Operators: arithmetic with its overflows, equality, order, membership, index.
#include "common/cel/functions.h"
#include "common/cel/meter.h"
#include "common/cel/time.h"

#include <cmath>
#include <limits>

namespace ropewalk::cel::functions {
namespace {

constexpr const char* kOverflow = "integer overflow";
constexpr const char* kTimeOutOfRange = "time out of range";
constexpr const char* kTooMuch = "the expression costs too much";

Outcome whole(bool overflow, std::int64_t value) {
  if (overflow) return failed(kOverflow);
  return Value::integer(value);
}
Outcome whole(bool overflow, std::uint64_t value) {
  if (overflow) return failed(kOverflow);
  return Value::uinteger(value);
}
Outcome moment(std::optional<Timestamp> time) {
  if (!time) return failed(kTimeOutOfRange);
  return Value::timestamp(*time);
}
Outcome span(std::optional<Duration> duration) {
  if (!duration) return failed(kTimeOutOfRange);
  return Value::duration(*duration);
}
std::optional<Duration> sum(Duration a, Duration b) {
  Duration out;
  if (__builtin_add_overflow(a.nanos, b.nanos, &out.nanos)) return std::nullopt;
  return out;
}
std::optional<Duration> difference(Duration a, Duration b) {
  Duration out;
  if (__builtin_sub_overflow(a.nanos, b.nanos, &out.nanos)) return std::nullopt;
  return out;
}
std::optional<Timestamp> before(Timestamp time, Duration duration) {
  if (duration.nanos == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return cel::add(time, Duration{-duration.nanos});
}

Outcome concatenate(const Value& a, const Value& b, Meter& meter) {
  const std::size_t size = a.as_text().size() + b.as_text().size();
  if (!meter.allocate(size) || !meter.scan(size)) return failed(kTooMuch);
  std::string out(a.as_text());
  out += b.as_text();
  return a.is(Kind::text) ? Value::text(std::move(out)) : Value::bytes(std::move(out));
}

Outcome chain(const Value& a, const Value& b, Meter& meter) {
  const std::size_t size = a.size() + b.size();
  if (!meter.allocate(size * sizeof(Value)) || !meter.spend(size)) return failed(kTooMuch);
  List out;
  out.reserve(size);
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(a.element(i));
  for (std::size_t i = 0; i < b.size(); ++i) out.push_back(b.element(i));
  return Value::list(std::move(out));
}

// For operators on two numbers of one kind; nothing when they are not.
template <class Integers, class Doubles>
std::optional<Outcome> numbers(const Call& call, Integers integers, Doubles doubles) {
  const Value& a = call.arguments[0];
  const Value& b = call.arguments[1];
  if (a.kind() != b.kind()) return std::nullopt;
  if (a.is(Kind::integer)) return integers(a.as_integer(), b.as_integer());
  if (a.is(Kind::uinteger)) return integers(a.as_uinteger(), b.as_uinteger());
  if (a.is(Kind::number)) return doubles(a.as_number(), b.as_number());
  return std::nullopt;
}

template <class Test>
Outcome ordered(const Call& call, Test test) {
  const Value& a = call.arguments[0];
  const Value& b = call.arguments[1];
  if (a.is(Kind::text) || a.is(Kind::bytes)) call.meter.scan(a.as_text().size());
  if (const auto order = compare(a, b)) return Value::boolean(test(*order));
  // Not a number is neither less nor greater.
  if (a.is_numeric() && b.is_numeric()) return Value::boolean(false);
  return no_overload();
}

}  // namespace

Outcome add(const Call& call) {
  const Value& a = call.arguments[0];
  const Value& b = call.arguments[1];
  const auto integers = [](auto x, auto y) {
    decltype(x) out{};
    const bool overflow = __builtin_add_overflow(x, y, &out);
    return whole(overflow, out);
  };
  const auto doubles = [](double x, double y) { return Outcome(Value::number(x + y)); };
  if (auto sum_of = numbers(call, integers, doubles)) return *sum_of;
  if (a.is(Kind::duration) && b.is(Kind::timestamp))
    return moment(cel::add(b.as_timestamp(), a.as_duration()));
  if (a.is(Kind::timestamp) && b.is(Kind::duration))
    return moment(cel::add(a.as_timestamp(), b.as_duration()));
  if (a.kind() != b.kind()) return no_overload();
  switch (a.kind()) {
    case Kind::text:
    case Kind::bytes:
      return concatenate(a, b, call.meter);
    case Kind::list:
      return chain(a, b, call.meter);
    case Kind::duration:
      return span(sum(a.as_duration(), b.as_duration()));
    default:
      return no_overload();
  }
}

Outcome subtract(const Call& call) {
  const Value& a = call.arguments[0];
  const Value& b = call.arguments[1];
  const auto integers = [](auto x, auto y) {
    decltype(x) out{};
    const bool overflow = __builtin_sub_overflow(x, y, &out);
    return whole(overflow, out);
  };
  const auto doubles = [](double x, double y) { return Outcome(Value::number(x - y)); };
  if (auto rest = numbers(call, integers, doubles)) return *rest;
  if (a.is(Kind::duration) && b.is(Kind::duration))
    return span(difference(a.as_duration(), b.as_duration()));
  if (a.is(Kind::timestamp) && b.is(Kind::duration))
    return moment(before(a.as_timestamp(), b.as_duration()));
  if (a.is(Kind::timestamp) && b.is(Kind::timestamp))
    return span(between(a.as_timestamp(), b.as_timestamp()));
  return no_overload();
}

Outcome multiply(const Call& call) {
  const auto integers = [](auto x, auto y) {
    decltype(x) out{};
    const bool overflow = __builtin_mul_overflow(x, y, &out);
    return whole(overflow, out);
  };
  const auto doubles = [](double x, double y) { return Outcome(Value::number(x * y)); };
  return numbers(call, integers, doubles).value_or(no_overload());
}

Outcome divide(const Call& call) {
  const auto integers = [](auto x, auto y) -> Outcome {
    if (y == 0) return failed("division by zero");
    if constexpr (std::is_signed_v<decltype(x)>)
      if (y == -1)
        return x == std::numeric_limits<decltype(x)>::min() ? failed(kOverflow)
                                                            : Outcome(Value::integer(-x));
    return whole(false, x / y);
  };
  const auto doubles = [](double x, double y) { return Outcome(Value::number(x / y)); };
  return numbers(call, integers, doubles).value_or(no_overload());
}

Outcome modulo(const Call& call) {
  const auto integers = [](auto x, auto y) -> Outcome {
    if (y == 0) return failed("modulus by zero");
    if constexpr (std::is_signed_v<decltype(x)>)
      if (y == -1)
        return x == std::numeric_limits<decltype(x)>::min() ? failed(kOverflow)
                                                            : Outcome(Value::integer(0));
    return whole(false, x % y);
  };
  const auto doubles = [](double, double) -> Outcome { return no_overload(); };
  return numbers(call, integers, doubles).value_or(no_overload());
}

Outcome negate(const Call& call) {
  const Value& a = call.arguments[0];
  if (a.is(Kind::number)) return Value::number(-a.as_number());
  if (!a.is(Kind::integer)) return no_overload();
  if (a.as_integer() == std::numeric_limits<std::int64_t>::min()) return failed(kOverflow);
  return Value::integer(-a.as_integer());
}

Outcome not_(const Call& call) {
  const Value& a = call.arguments[0];
  if (!a.is(Kind::boolean)) return no_overload();
  return Value::boolean(!a.as_boolean());
}

Outcome equals(const Call& call) {
  return Value::boolean(equal(call.arguments[0], call.arguments[1], call.meter));
}
Outcome not_equals(const Call& call) {
  return Value::boolean(!equal(call.arguments[0], call.arguments[1], call.meter));
}
Outcome less(const Call& call) {
  return ordered(call, [](int order) { return order < 0; });
}
Outcome less_equals(const Call& call) {
  return ordered(call, [](int order) { return order <= 0; });
}
Outcome greater(const Call& call) {
  return ordered(call, [](int order) { return order > 0; });
}
Outcome greater_equals(const Call& call) {
  return ordered(call, [](int order) { return order >= 0; });
}

Outcome in(const Call& call) {
  const Value& wanted = call.arguments[0];
  const Value& where = call.arguments[1];
  if (where.is(Kind::map)) return Value::boolean(find(where, wanted, call.meter).has_value());
  if (!where.is(Kind::list)) return no_overload();
  for (std::size_t i = 0; i < where.size(); ++i)
    if (equal(where.element(i), wanted, call.meter)) return Value::boolean(true);
  return Value::boolean(false);
}

Outcome index(const Call& call) {
  const Value& where = call.arguments[0];
  if (where.is(Kind::map)) {
    if (auto found = find(where, call.arguments[1], call.meter)) return *found;
    return failed("no such key");
  }
  if (!where.is(Kind::list)) return no_overload();
  const auto at = integral(call.arguments[1]);
  if (!at) return failed("a list takes whole numbers as index");
  if (*at < 0 || static_cast<std::uint64_t>(*at) >= where.size())
    return failed("index out of range");
  return where.element(static_cast<std::size_t>(*at));
}

}  // namespace ropewalk::cel::functions
