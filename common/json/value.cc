#include "common/json/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace ropewalk::json {

Value Value::number(std::int64_t value) { return number(std::to_string(value)); }

Value Value::number(double value) {
  if (!std::isfinite(value)) return {};
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return number(std::string(digits, end));
}

double Value::as_double() const {
  if (!is_number()) return 0;
  const std::string& text = number_text();
  double out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec == std::errc::result_out_of_range) {
    // Too large or too small: from_chars leaves the value alone.
    const bool tiny = text.find("e-") != std::string::npos || text.find("E-") != std::string::npos;
    out = tiny ? 0 : std::numeric_limits<double>::infinity();
    if (text.starts_with('-')) out = -out;
  }
  return out;
}

std::optional<std::int64_t> Value::as_integer() const {
  if (!is_number()) return std::nullopt;
  const std::string& text = number_text();
  std::int64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return out;
  const double value = as_double();
  if (std::trunc(value) != value || std::abs(value) >= 9223372036854775808.0) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

const Value* Value::find(std::string_view key) const {
  const Object* members = std::get_if<Object>(&data_);
  if (!members) return nullptr;
  for (const Member& member : *members)
    if (member.key == key) return &member.value;
  return nullptr;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Value::set(std::string_view key, Value value) {
  if (!is_object()) data_ = Object{};
  if (Value* found = find(key)) return *found = std::move(value);
  return members().emplace_back(std::string(key), std::move(value)).value;
}

bool Value::erase(std::string_view key) {
  Object* members = std::get_if<Object>(&data_);
  return members && std::erase_if(*members, [&](const Member& m) { return m.key == key; }) != 0;
}

bool Value::operator==(const Value& other) const {
  if (type() != other.type()) return false;
  switch (type()) {
    case Type::number: {
      if (number_text() == other.number_text()) return true;
      const auto mine = as_integer();
      const auto theirs = other.as_integer();
      return mine && theirs ? *mine == *theirs : as_double() == other.as_double();
    }
    case Type::object:
      return members().size() == other.members().size() &&
             std::ranges::all_of(members(), [&](const Member& member) {
               const Value* same = other.find(member.key);
               return same && *same == member.value;
             });
    case Type::list:
      return elements() == other.elements();
    default:
      return data_.index() == 1   ? boolean() == other.boolean()
             : data_.index() == 3 ? string() == other.string()
                                  : true;
  }
}

}  // namespace ropewalk::json
