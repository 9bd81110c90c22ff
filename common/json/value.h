// A JSON document as a tree, for what changes or reads values: expressions, schemas, scripts,
// flatmap, other encodings. The merge of answers does without it (dataplane/json).
//
// Numbers keep the text they came with, so that they go out as they came in. An object keeps the
// order of its members; of two equal keys the last one counts. One thread.
#pragma once

#include "common/error.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ropewalk::json {

class Value {
 public:
  enum class Type : std::uint8_t { null, boolean, number, string, list, object };

  struct Number {
    std::string text;  // as JSON writes it: -1.50e3
    bool operator==(const Number&) const = default;
  };
  struct Member;
  using List = std::vector<Value>;
  using Object = std::vector<Member>;

  Value();
  Value(std::nullptr_t);
  template <std::same_as<bool> T>  // numbers are not flags
  Value(T flag);
  Value(std::string text);
  Value(std::string_view text);
  Value(const char* text);
  Value(List list);
  Value(Object members);
  static Value number(std::string text);  // as JSON writes it
  static Value number(std::int64_t value);
  static Value number(double value);  // shortest text that reads back; not finite: null
  static Value list();
  static Value object();

  Type type() const { return static_cast<Type>(data_.index()); }
  bool is_null() const { return type() == Type::null; }
  bool is_boolean() const { return type() == Type::boolean; }
  bool is_number() const { return type() == Type::number; }
  bool is_string() const { return type() == Type::string; }
  bool is_list() const { return type() == Type::list; }
  bool is_object() const { return type() == Type::object; }

  // Each for its own type only (std::bad_variant_access otherwise).
  bool boolean() const { return std::get<bool>(data_); }
  const std::string& string() const { return std::get<std::string>(data_); }
  const std::string& number_text() const { return std::get<Number>(data_).text; }
  const List& elements() const { return std::get<List>(data_); }
  List& elements() { return std::get<List>(data_); }
  const Object& members() const { return std::get<Object>(data_); }
  Object& members() { return std::get<Object>(data_); }

  // A number as a double (any type else: 0), and as an integer when it is one (1, 1.0 and 1e2 are).
  double as_double() const;
  std::optional<std::int64_t> as_integer() const;

  // The member, or null when this is no object or has none of that name.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  // Sets a member in place or at the end; a value that is no object becomes one.
  Value& set(std::string_view key, Value value);
  bool erase(std::string_view key);

  // As JSON: the order of members does not matter, 1 and 1.0 are equal.
  bool operator==(const Value& other) const;

 private:
  explicit Value(Number number);
  std::variant<std::monostate, bool, Number, std::string, List, Object> data_;
};

struct Value::Member {
  std::string key;
  Value value;
};

inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
template <std::same_as<bool> T>
inline Value::Value(T flag) : data_(flag) {}
inline Value::Value(std::string text) : data_(std::move(text)) {}
inline Value::Value(std::string_view text) : data_(std::string(text)) {}
inline Value::Value(const char* text) : data_(std::string(text)) {}
inline Value::Value(List list) : data_(std::move(list)) {}
inline Value::Value(Object members) : data_(std::move(members)) {}
inline Value::Value(Number number) : data_(std::move(number)) {}
inline Value Value::number(std::string text) { return Value(Number{std::move(text)}); }
inline Value Value::list() { return Value(List{}); }
inline Value Value::object() { return Value(Object{}); }

// RFC 8259 with what Go accepts: invalid UTF-8 in strings becomes U+FFFD, as do lone surrogates.
// Errors (decode): what is wrong and at which byte; deeper than `max_depth`; anything behind the
// value.
Result<Value> parse(std::string_view text, std::size_t max_depth = 10000);

// Without blanks; <, > and & stay as they are.
void write(std::string& out, const Value& value);
std::string to_string(const Value& value);
// With the quotes.
void write_string(std::string& out, std::string_view text);

}  // namespace ropewalk::json
