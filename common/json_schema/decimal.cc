#include "common/json_schema/decimal.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace ropewalk::json_schema {
namespace {

using Integer = boost::multiprecision::cpp_int;

Integer scaled(const std::string& digits, int zeros) {
  if (digits.empty()) return 0;
  return Integer(digits + std::string(static_cast<std::size_t>(zeros), '0'));
}

}  // namespace

std::optional<Decimal> Decimal::read(std::string_view text) {
  Decimal out;
  if (text.starts_with('-')) {
    out.negative_ = true;
    text.remove_prefix(1);
  }
  int exponent = 0;
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc{}) return std::nullopt;
    text = text.substr(0, e);
  }
  if (text.size() > kMostDigits) return std::nullopt;
  const std::size_t point = text.find('.');
  out.digits_ = std::string(text.substr(0, point));
  if (point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    out.digits_ += fraction;
    if (exponent < -10 * kMostDigits) return std::nullopt;
    exponent -= static_cast<int>(fraction.size());
  }
  out.digits_.erase(0, std::min(out.digits_.find_first_not_of('0'), out.digits_.size()));
  while (out.digits_.ends_with('0')) {
    out.digits_.pop_back();
    if (exponent < std::numeric_limits<int>::max()) ++exponent;
  }
  if (out.digits_.empty()) return Decimal();
  if (exponent > kMostDigits || exponent < -kMostDigits) return std::nullopt;
  out.exponent_ = exponent;
  return out;
}

std::size_t Decimal::as_size() const {
  if (negative_ || digits_.empty()) return 0;
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  if (digits_.size() + static_cast<std::size_t>(exponent_) > 18) return kMost;
  std::size_t value = 0;
  std::from_chars(digits_.data(), digits_.data() + digits_.size(), value);
  for (int i = 0; i < exponent_; ++i) value *= 10;
  return value;
}

bool Decimal::multiple_of(const Decimal& divisor) const {
  if (divisor.digits_.empty()) return false;
  if (digits_.empty()) return true;
  const int least = std::min(exponent_, divisor.exponent_);
  return scaled(digits_, exponent_ - least) % scaled(divisor.digits_, divisor.exponent_ - least) ==
         0;
}

double Decimal::as_double() const {
  const std::string all = text();
  double value = 0;
  const auto read = std::from_chars(all.data(), all.data() + all.size(), value);
  if (read.ec == std::errc::result_out_of_range)
    value = exponent_ < 0 ? 0.0 : std::numeric_limits<double>::infinity() * (negative_ ? -1 : 1);
  return value;
}

std::string Decimal::text() const {
  if (digits_.empty()) return "0";
  return (negative_ ? "-" : "") + digits_ + "e" + std::to_string(exponent_);
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  const auto sign = [](const Decimal& value) {
    return value.digits_.empty() ? 0 : (value.negative_ ? -1 : 1);
  };
  if (sign(*this) != sign(other) || sign(*this) == 0) return sign(*this) <=> sign(other);
  // Where the decimal point stands decides; else the digits as texts, which have no zeros behind.
  const auto point = [](const Decimal& value) {
    return static_cast<std::int64_t>(value.digits_.size()) + value.exponent_;
  };
  auto order = point(*this) <=> point(other);
  if (order == 0) order = digits_ <=> other.digits_;
  if (negative_) return 0 <=> order;
  return order;
}

}  // namespace ropewalk::json_schema
