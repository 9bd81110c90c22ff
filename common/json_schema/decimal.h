// Numbers of JSON exactly as they are written: 0.1 is a tenth, 1e2 is an integer. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::json_schema {

class Decimal {
 public:
  // Nothing for numbers of more than kMostDigits digits or with such an exponent.
  static std::optional<Decimal> read(std::string_view json_number);
  static constexpr int kMostDigits = 2000;

  bool is_integer() const { return exponent_ >= 0; }
  // Of an integer; the largest value where it does not fit, 0 for negative ones.
  std::size_t as_size() const;
  bool multiple_of(const Decimal& divisor) const;  // of 0: no
  double as_double() const;
  // Equal numbers have equal texts.
  std::string text() const;

  bool operator==(const Decimal&) const = default;
  std::strong_ordering operator<=>(const Decimal& other) const;

 private:
  // (-1)^negative * digits * 10^exponent, without zeros at either end; "" for zero.
  bool negative_ = false;
  std::string digits_;
  int exponent_ = 0;
};

}  // namespace ropewalk::json_schema
