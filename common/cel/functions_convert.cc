// Conversions, as Go's strconv does them (KrakenD's CEL is written in Go).
#include "common/cel/functions.h"
#include "common/cel/meter.h"
#include "common/cel/number.h"
#include "common/cel/time.h"
#include "common/utf8.h"

#include <cmath>
#include <string>

namespace ropewalk::cel::functions {
namespace {

constexpr const char* kOutOfRange = "out of range";
constexpr const char* kNoConversion = "type conversion error";

template <class T>
Outcome made(const std::optional<T>& value, Value (*make)(T)) {
  if (!value) return failed(kNoConversion);
  return make(*value);
}

// A text to read a number or time from: short ones only, others are none.
std::optional<std::string_view> readable(const Value& value) {
  if (!value.is(Kind::text) || value.as_text().size() > 1000) return std::nullopt;
  return value.as_text();
}

}  // namespace

Outcome to_dyn(const Call& call) { return call.arguments[0]; }

Outcome to_type(const Call& call) { return Value::type(type_name(call.arguments[0].kind())); }

Outcome to_bool(const Call& call) {
  const Value& a = call.arguments[0];
  if (a.is(Kind::boolean)) return a;
  if (!a.is(Kind::text)) return no_overload();
  return made(read_boolean(a.as_text()), &Value::boolean);
}

Outcome to_bytes(const Call& call) {
  const Value& a = call.arguments[0];
  if (a.is(Kind::bytes)) return a;
  if (!a.is(Kind::text)) return no_overload();
  if (!call.meter.allocate(a.as_text().size())) return failed(kOutOfRange);
  return Value::bytes(std::string(a.as_text()));
}

Outcome to_double(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::number:
      return a;
    case Kind::integer:
      return Value::number(static_cast<double>(a.as_integer()));
    case Kind::uinteger:
      return Value::number(static_cast<double>(a.as_uinteger()));
    case Kind::text: {
      const auto text = readable(a);
      return made(text ? read_double(*text) : std::nullopt, &Value::number);
    }
    default:
      return no_overload();
  }
}

Outcome to_duration(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::duration:
      return a;
    case Kind::integer:
      return Value::duration(Duration{a.as_integer()});
    case Kind::text: {
      const auto text = readable(a);
      return made(text ? parse_duration(*text) : std::nullopt, &Value::duration);
    }
    default:
      return no_overload();
  }
}

Outcome to_int(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::integer:
      return a;
    case Kind::uinteger:
      if (a.as_uinteger() > 0x7FFFFFFFFFFFFFFF) return failed(kOutOfRange);
      return Value::integer(static_cast<std::int64_t>(a.as_uinteger()));
    case Kind::number: {
      const double value = a.as_number();
      if (!(value > -0x1p63 && value < 0x1p63)) return failed(kOutOfRange);
      return Value::integer(static_cast<std::int64_t>(value));
    }
    case Kind::duration:
      return Value::integer(a.as_duration().nanos);
    case Kind::timestamp:
      return Value::integer(a.as_timestamp().seconds);
    case Kind::text: {
      const auto text = readable(a);
      return made(text ? read_integer(*text) : std::nullopt, &Value::integer);
    }
    default:
      return no_overload();
  }
}

Outcome to_uint(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::uinteger:
      return a;
    case Kind::integer:
      if (a.as_integer() < 0) return failed(kOutOfRange);
      return Value::uinteger(static_cast<std::uint64_t>(a.as_integer()));
    case Kind::number: {
      const double value = a.as_number();
      if (!(value >= 0 && value < 0x1p64)) return failed(kOutOfRange);
      return Value::uinteger(static_cast<std::uint64_t>(value));
    }
    case Kind::text: {
      const auto text = readable(a);
      return made(text ? read_uinteger(*text) : std::nullopt, &Value::uinteger);
    }
    default:
      return no_overload();
  }
}

Outcome to_string(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::text:
      return a;
    case Kind::boolean:
      return Value::borrowed(a.as_boolean() ? "true" : "false");
    case Kind::integer:
      return Value::text(std::to_string(a.as_integer()));
    case Kind::uinteger:
      return Value::text(std::to_string(a.as_uinteger()));
    case Kind::number:
      return Value::text(general_text(a.as_number()));
    case Kind::duration:
      return Value::text(to_text(a.as_duration()));
    case Kind::timestamp:
      return Value::text(to_text(a.as_timestamp()));
    case Kind::bytes: {
      const std::string_view bytes = a.as_text();
      if (!call.meter.allocate(bytes.size()) || !call.meter.scan(bytes.size()))
        return failed(kOutOfRange);
      if (!is_utf8(bytes)) return failed("invalid UTF-8");
      return Value::text(std::string(bytes));
    }
    default:
      return no_overload();
  }
}

Outcome to_timestamp(const Call& call) {
  const Value& a = call.arguments[0];
  switch (a.kind()) {
    case Kind::timestamp:
      return a;
    case Kind::integer:
      if (a.as_integer() < kFirstSecond || a.as_integer() > kLastSecond) return failed(kOutOfRange);
      return Value::timestamp(Timestamp{a.as_integer(), 0});
    case Kind::text: {
      const auto text = readable(a);
      return made(text ? parse_timestamp(*text) : std::nullopt, &Value::timestamp);
    }
    default:
      return no_overload();
  }
}

}  // namespace ropewalk::cel::functions
