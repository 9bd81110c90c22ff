#include "config/template/value.h"

namespace ropewalk::config::templates {

Value Value::nil() {
  Value out;
  out.type_ = Type::nil;
  return out;
}
Value Value::of(bool value) { return {Type::boolean, value}; }
Value Value::of(std::int64_t value) { return {Type::integer, value}; }
Value Value::of64(std::int64_t value) { return {Type::integer64, value}; }
Value Value::of(double value) { return {Type::floating, value}; }
Value Value::of(std::string value) { return {Type::text, std::move(value)}; }
Value Value::of(List* value) { return {Type::list, value}; }
Value Value::of(Map* value) { return {Type::map, value}; }
Value Value::of(Time value) { return {Type::time, value}; }

bool Value::truth() const {
  switch (type_) {
    case Type::missing:
    case Type::nil:
      return false;
    case Type::boolean:
      return boolean();
    case Type::integer:
    case Type::integer64:
      return integer() != 0;
    case Type::floating:
      return floating() != 0;
    case Type::text:
      return !text().empty();
    case Type::list:
      return !list().items.empty();
    case Type::map:
      return !map().items.empty() || !map().struct_name.empty();
    case Type::time:
      return true;
  }
  return false;
}

std::string type_name(const Value& value) {
  switch (value.type()) {
    case Type::missing:
    case Type::nil:
      return "<nil>";
    case Type::boolean:
      return "bool";
    case Type::integer:
      return "int";
    case Type::integer64:
      return "int64";
    case Type::floating:
      return "float64";
    case Type::text:
      return "string";
    case Type::list:
      return "[]" + std::string(value.list().element);
    case Type::map:
      if (!value.map().struct_name.empty()) return std::string(value.map().struct_name);
      return "map[string]" + std::string(value.map().element);
    case Type::time:
      return "time.Time";
  }
  return "<nil>";
}

std::string_view kind_name(const Value& value) {
  switch (value.type()) {
    case Type::missing:
    case Type::nil:
      return "invalid";
    case Type::boolean:
      return "bool";
    case Type::integer:
      return "int";
    case Type::integer64:
      return "int64";
    case Type::floating:
      return "float64";
    case Type::text:
      return "string";
    case Type::list:
      return "slice";
    case Type::map:
      return value.map().struct_name.empty() ? "map" : "ptr";
    case Type::time:
      return "struct";
  }
  return "invalid";
}

List& Heap::list(std::string_view element) {
  List& out = lists_.emplace_back();
  out.element = element;
  return out;
}

Map& Heap::map(std::string_view element) {
  Map& out = maps_.emplace_back();
  out.element = element;
  return out;
}

}  // namespace ropewalk::config::templates
