// The standard functions and operators: their declarations for the checker and what they do.
// Constant; any thread may call.
#pragma once

#include "common/cel/value.h"

#include <expected>
#include <memory>
#include <span>
#include <string_view>

namespace ropewalk::cel {

class Meter;
struct Expr;
struct Prepared;

// Why an evaluation failed: a constant text, for logs only.
struct Failure {
  const char* what;
};
using Outcome = std::expected<Value, Failure>;

inline std::unexpected<Failure> failed(const char* what) { return std::unexpected(Failure{what}); }
inline std::unexpected<Failure> no_overload() { return failed("no such overload"); }

struct Call {
  std::span<const Value> arguments;  // the receiver first
  Meter& meter;
  const Prepared* prepared;  // null without
};

struct Function {
  std::string_view name;
  Outcome (*run)(const Call&);
};

struct Overload {
  std::string_view name;
  bool receiver;               // a.name(b)
  std::string_view arguments;  // "list(A),int": the receiver first
  std::string_view result;
};

std::span<const Overload> overloads();
// Null when no overload has that form.
const Function* find_function(std::string_view name, bool receiver, std::size_t arguments);

// What a call with literal operands can do once, beforehand: a regular expression, a time zone.
std::shared_ptr<const Prepared> prepare(const Expr& call);

namespace functions {
Outcome add(const Call&);
Outcome subtract(const Call&);
Outcome multiply(const Call&);
Outcome divide(const Call&);
Outcome modulo(const Call&);
Outcome negate(const Call&);
Outcome not_(const Call&);
Outcome equals(const Call&);
Outcome not_equals(const Call&);
Outcome less(const Call&);
Outcome less_equals(const Call&);
Outcome greater(const Call&);
Outcome greater_equals(const Call&);
Outcome in(const Call&);
Outcome index(const Call&);
Outcome size(const Call&);
Outcome contains(const Call&);
Outcome starts_with(const Call&);
Outcome ends_with(const Call&);
Outcome matches(const Call&);
Outcome to_bool(const Call&);
Outcome to_bytes(const Call&);
Outcome to_double(const Call&);
Outcome to_duration(const Call&);
Outcome to_dyn(const Call&);
Outcome to_int(const Call&);
Outcome to_string(const Call&);
Outcome to_timestamp(const Call&);
Outcome to_type(const Call&);
Outcome to_uint(const Call&);
Outcome full_year(const Call&);
Outcome month(const Call&);
Outcome day_of_year(const Call&);
Outcome day_of_month(const Call&);
Outcome date(const Call&);
Outcome day_of_week(const Call&);
Outcome hours(const Call&);
Outcome minutes(const Call&);
Outcome seconds(const Call&);
Outcome milliseconds(const Call&);
}  // namespace functions

}  // namespace ropewalk::cel
