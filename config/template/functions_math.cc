// Numbers, as Sprig counts: whole ones are int64 whatever was given, add1f and its like are
// decimal.
#include "config/template/functions.h"
#include "config/template/print.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <random>

namespace ropewalk::config::templates {
namespace {

// Wraps around as Go's integers do.
std::int64_t wrap(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t bits(const Value& value) { return static_cast<std::uint64_t>(to_int64(value)); }

Answer add(Context&, Arguments& a) {
  std::uint64_t sum = 0;
  for (const Value& value : a) sum += bits(value);
  return Value::of64(wrap(sum));
}
Answer add_one(Context&, Arguments& a) { return Value::of64(wrap(bits(a[0]) + 1)); }
Answer subtract(Context&, Arguments& a) { return Value::of64(wrap(bits(a[0]) - bits(a[1]))); }
Answer multiply(Context&, Arguments& a) {
  std::uint64_t product = bits(a[0]);
  for (std::size_t i = 1; i < a.size(); ++i) product *= bits(a[i]);
  return Value::of64(wrap(product));
}
Answer divide(Context&, Arguments& a) {
  const std::int64_t by = to_int64(a[1]);
  if (by == 0) return refuse("integer divide by zero");
  return Value::of64(by == -1 ? wrap(0 - bits(a[0])) : to_int64(a[0]) / by);
}
Answer modulo(Context&, Arguments& a) {
  const std::int64_t by = to_int64(a[1]);
  if (by == 0) return refuse("integer divide by zero");
  return Value::of64(by == -1 ? 0 : to_int64(a[0]) % by);
}
Answer most(Context&, Arguments& a) {
  std::int64_t out = to_int64(a[0]);
  for (const Value& value : a) out = std::max(out, to_int64(value));
  return Value::of64(out);
}
Answer least(Context&, Arguments& a) {
  std::int64_t out = to_int64(a[0]);
  for (const Value& value : a) out = std::min(out, to_int64(value));
  return Value::of64(out);
}
Answer most_float(Context&, Arguments& a) {
  double out = to_double(a[0]);
  for (const Value& value : a) out = std::max(out, to_double(value));
  return Value::of(out);
}
Answer least_float(Context&, Arguments& a) {
  double out = to_double(a[0]);
  for (const Value& value : a) out = std::min(out, to_double(value));
  return Value::of(out);
}

// digits * 10^exponent, so that 1.1 + 2.2 is 3.3.
struct Decimal {
  __int128 digits = 0;
  int exponent = 0;
};

constexpr __int128 kMost = static_cast<__int128>(1) << 120;

std::optional<Decimal> decimal(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  const std::string text = float_text(value, 'e', -1);
  const auto e = text.find('e');
  Decimal out{.exponent = std::atoi(text.c_str() + e + 1)};
  bool fraction = false;
  for (const char c : text.substr(0, e)) {
    if (c == '.') fraction = true;
    if (c < '0' || c > '9') continue;
    out.digits = out.digits * 10 + (c - '0');
    if (fraction) --out.exponent;
  }
  if (text[0] == '-') out.digits = -out.digits;
  return out;
}

std::optional<Decimal> sum(Decimal a, Decimal b) {
  if (a.exponent < b.exponent) std::swap(a, b);
  for (; a.exponent > b.exponent; --a.exponent) {
    if (a.digits > kMost / 16 || a.digits < -kMost / 16) return std::nullopt;
    a.digits *= 10;
  }
  return Decimal{a.digits + b.digits, a.exponent};
}

double number(const Decimal& value) {
  const bool negative = value.digits < 0;
  __int128 rest = negative ? -value.digits : value.digits;
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest);
  text += "e" + std::to_string(value.exponent);
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return negative ? -out : out;
}

double added(double a, double b) {
  const auto one = decimal(a);
  const auto other = decimal(b);
  const auto result = one && other ? sum(*one, *other) : std::nullopt;
  return result ? number(*result) : a + b;
}

double multiplied(double a, double b) {
  const auto one = decimal(a);
  const auto other = decimal(b);
  if (!one || !other) return a * b;
  return number({one->digits * other->digits, one->exponent + other->exponent});
}

Answer add_float(Context&, Arguments& a) {
  double out = 0;
  for (const Value& value : a) out = added(out, to_double(value));
  return Value::of(out);
}
Answer add_one_float(Context&, Arguments& a) { return Value::of(added(to_double(a[0]), 1)); }
Answer subtract_float(Context&, Arguments& a) {
  double out = to_double(a[0]);
  for (std::size_t i = 1; i < a.size(); ++i) out = added(out, -to_double(a[i]));
  return Value::of(out);
}
Answer multiply_float(Context&, Arguments& a) {
  double out = to_double(a[0]);
  for (std::size_t i = 1; i < a.size(); ++i) out = multiplied(out, to_double(a[i]));
  return Value::of(out);
}
Answer divide_float(Context&, Arguments& a) {
  double out = to_double(a[0]);
  for (std::size_t i = 1; i < a.size(); ++i) {
    const double by = to_double(a[i]);
    if (by == 0) return refuse("decimal division by 0");
    out /= by;
  }
  return Value::of(out);
}
Answer floor_of(Context&, Arguments& a) { return Value::of(std::floor(to_double(a[0]))); }
Answer ceiling(Context&, Arguments& a) { return Value::of(std::ceil(to_double(a[0]))); }
// round value digits [from which fraction on it is rounded up]
Answer round_to(Context&, Arguments& a) {
  const double from = a.size() > 2 ? to_double(a[2]) : 0.5;
  const double scale = std::pow(10.0, static_cast<double>(a[1].integer()));
  const double scaled = scale * to_double(a[0]);
  double whole = 0;
  const double fraction = std::modf(scaled, &whole);
  return Value::of((fraction >= from ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Answer as_int(Context&, Arguments& a) { return Value::of(to_int64(a[0])); }
Answer as_int64(Context&, Arguments& a) { return Value::of64(to_int64(a[0])); }
Answer as_float(Context&, Arguments& a) { return Value::of(to_double(a[0])); }
Answer parse_int(Context&, Arguments& a) {
  const std::string& text = a[0].text();
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), out);
  return Value::of(error == std::errc{} && end == text.data() + text.size() ? out
                                                                            : std::int64_t{0});
}
Answer from_octal(Context& context, Arguments& a) {
  const std::string text = to_text(context, a[0]);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 8);
  return Value::of64(error == std::errc{} && end == text.data() + text.size() ? out : 0);
}

// Counted before, because the last value plus a step may be beyond what an int holds.
Answer steps(Context& context, std::int64_t begin, std::int64_t end, std::int64_t step,
             bool with_end) {
  if (step == 0 || (begin != end && (end < begin) != (step < 0))) return context.list({}, "int");
  const auto first = static_cast<std::uint64_t>(begin);
  const auto way = static_cast<std::uint64_t>(end) - first;
  const std::uint64_t distance = step < 0 ? 0 - way : way;
  const auto width =
      step < 0 ? 0 - static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(step);
  const bool one_more = with_end || distance % width != 0;
  if (!context.budget.affords(std::min<std::uint64_t>(distance / width, SIZE_MAX / sizeof(Value)) *
                              sizeof(Value)))
    return refuse("the list would be too long");
  const std::uint64_t count = distance / width + (one_more ? 1 : 0);
  std::vector<Value> out;
  for (std::uint64_t i = 0; i < count; ++i)
    out.push_back(Value::of(wrap(first + i * static_cast<std::uint64_t>(step))));
  return context.list(std::move(out), "int");
}
Answer until(Context& context, Arguments& a) {
  const std::int64_t count = a[0].integer();
  return steps(context, 0, count, count < 0 ? -1 : 1, false);
}
Answer until_step(Context& context, Arguments& a) {
  const std::int64_t step = a[2].integer();
  if (step == 0) return context.list({}, "int");
  const std::int64_t begin = a[0].integer();
  const std::int64_t end = a[1].integer();
  if ((end < begin) != (step < 0)) return context.list({}, "int");
  return steps(context, begin, end, step, false);
}
// Like the shell's seq: [begin [step]] end, as text.
Answer sequence(Context& context, Arguments& a) {
  std::int64_t begin = 1;
  std::int64_t end = 0;
  std::int64_t step = 1;
  if (a.empty() || a.size() > 3) return Value::of("");
  if (a.size() == 1) {
    end = a[0].integer();
    if (end < begin) step = -1;
  } else {
    begin = a[0].integer();
    end = a.back().integer();
    step = a.size() == 3 ? a[1].integer() : end < begin ? -1 : 1;
    if (a.size() == 3 && (step == 0 || (end < begin) != (step < 0))) return Value::of("");
  }
  const auto list = steps(context, begin, end, step, true);
  if (!list) return list;
  std::string out;
  for (const Value& value : list->list().items)
    out += (out.empty() ? "" : " ") + to_text(context, value);
  return Value::of(std::move(out));
}
Answer random_int(Context&, Arguments& a) {
  if (a[0].integer() >= a[1].integer()) return refuse("the range of randInt is empty");
  std::random_device source;
  std::uniform_int_distribution<std::int64_t> spread(a[0].integer(), a[1].integer() - 1);
  return Value::of(spread(source));
}

constexpr auto kMathFunctions = std::to_array<Function>({
    {"add", "a*", add},
    {"add1", "a", add_one},
    {"add1f", "a", add_one_float},
    {"addf", "a*", add_float},
    {"atoi", "s", parse_int},
    {"biggest", "aa*", most},
    {"ceil", "a", ceiling},
    {"div", "aa", divide},
    {"divf", "aa*", divide_float},
    {"float64", "a", as_float},
    {"floor", "a", floor_of},
    {"int", "a", as_int},
    {"int64", "a", as_int64},
    {"max", "aa*", most},
    {"maxf", "aa*", most_float},
    {"min", "aa*", least},
    {"minf", "aa*", least_float},
    {"mod", "aa", modulo},
    {"mul", "aa*", multiply},
    {"mulf", "aa*", multiply_float},
    {"randInt", "ii", random_int},
    {"round", "aia*", round_to},
    {"seq", "i*", sequence},
    {"sub", "aa", subtract},
    {"subf", "aa*", subtract_float},
    {"toDecimal", "a", from_octal},
    {"until", "i", until},
    {"untilStep", "iii", until_step},
});

}  // namespace

std::span<const Function> math_functions() { return kMathFunctions; }

}  // namespace ropewalk::config::templates
