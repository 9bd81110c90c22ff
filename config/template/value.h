// Values of templates, with the types Go gives them, because printing and comparing depend on the
// type: 5 of a template is an int, 5 of a settings file a float64, the result of add an int64.
//
// Lists and maps belong to the Heap of one execution; values point into it. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ropewalk::config::templates {

class Value;

// Named as Go prints element types: "interface {}", "string", "int".
struct List {
  std::vector<Value> items;
  std::string_view element = "interface {}";
};

struct Map {
  std::map<std::string, Value, std::less<>> items;
  std::string_view element = "interface {}";
  // A struct of Go: fields that are not there are errors, and it prints as `text`.
  std::string_view struct_name;
  std::string text;
};

struct Time {
  std::int64_t seconds = 0;  // since 1970, UTC
};

enum class Type : std::uint8_t {
  missing,  // a key that is not there: fields of it are missing too
  nil,
  boolean,
  integer,    // int
  integer64,  // int64
  floating,   // float64
  text,
  list,
  map,
  time,
};

class Value {
 public:
  Value() = default;  // missing
  static Value nil();
  static Value of(bool value);
  static Value of(std::int64_t value);    // int
  static Value of64(std::int64_t value);  // int64
  static Value of(double value);
  static Value of(std::string value);
  static Value of(std::string_view value) { return of(std::string(value)); }
  static Value of(const char* value) { return of(std::string(value)); }
  static Value of(List* value);
  static Value of(Map* value);
  static Value of(Time value);

  Type type() const { return type_; }
  bool is_nil() const { return type_ == Type::missing || type_ == Type::nil; }
  bool is_integer() const { return type_ == Type::integer || type_ == Type::integer64; }
  bool is_number() const { return is_integer() || type_ == Type::floating; }

  bool boolean() const { return std::get<bool>(value_); }
  std::int64_t integer() const { return std::get<std::int64_t>(value_); }
  double floating() const { return std::get<double>(value_); }
  const std::string& text() const { return std::get<std::string>(value_); }
  List& list() const { return *std::get<List*>(value_); }
  Map& map() const { return *std::get<Map*>(value_); }
  Time time() const { return std::get<Time>(value_); }

  // Empty values of Go: nil, false, 0, "", no entries. A struct is never empty.
  bool truth() const;

 private:
  template <class T>
  Value(Type type, T value) : type_(type), value_(std::move(value)) {}

  Type type_ = Type::missing;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List*, Map*, Time> value_;
};

// "int", "map[string]interface {}", "<nil>".
std::string type_name(const Value& value);
// "int", "map", "slice", "invalid", "struct".
std::string_view kind_name(const Value& value);

// Owns what an execution makes. Flat, so that neither cycles nor depth cost anything at the end.
class Heap {
 public:
  List& list(std::string_view element = "interface {}");
  Map& map(std::string_view element = "interface {}");
  std::size_t maps() const { return maps_.size(); }

 private:
  std::deque<List> lists_;
  std::deque<Map> maps_;
};

}  // namespace ropewalk::config::templates
