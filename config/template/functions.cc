#include "config/template/functions.h"

#include "config/template/print.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace ropewalk::config::templates {
namespace {

std::string_view expected_type(char letter) {
  switch (letter) {
    case 's':
      return "string";
    case 'i':
      return "int";
    case 'I':
      return "int64";
    case 'm':
      return "map[string]interface {}";
    case 'l':
      return "[]interface {}";
    default:
      return "bool";
  }
}

bool fits(char letter, const Value& value) {
  switch (letter) {
    case 'a':
      return true;
    case 's':
      return value.type() == Type::text;
    case 'i':
      return value.type() == Type::integer;
    case 'I':
      return value.type() == Type::integer64;
    case 'm':
      return value.type() == Type::map && value.map().struct_name.empty();
    case 'l':
      return value.type() == Type::list;
    default:
      return value.type() == Type::boolean;
  }
}

bool convert_literal(char letter, Value& value) {
  if (letter != 'i' && letter != 'I') return false;
  double whole = 0;
  if (value.type() == Type::floating && std::modf(value.floating(), &whole) == 0 &&
      std::fabs(whole) < 1e15)
    value = Value::of(static_cast<std::int64_t>(whole));
  if (value.type() != Type::integer) return false;
  if (letter == 'I') value = Value::of64(value.integer());
  return true;
}

}  // namespace

Value Context::list(std::vector<Value> items, std::string_view element) {
  List& out = heap.list(element);
  out.items = std::move(items);
  if (!budget.spend(size_of(Value::of(&out)))) out.items.clear();
  return Value::of(&out);
}

Value Context::text_list(const std::vector<std::string>& texts) {
  std::vector<Value> items;
  for (const std::string& text : texts) items.push_back(Value::of(text));
  return list(std::move(items), "string");
}

const Function* find_function(std::string_view name) {
  static const auto tables = std::to_array<std::span<const Function>>(
      {go_functions(), text_functions(), word_functions(), list_functions(), dict_functions(),
       math_functions(), encode_functions(), kind_functions(), path_functions(), regex_functions(),
       time_functions(), version_functions()});
  for (const auto& table : tables)
    if (const auto found = std::ranges::find(table, name, &Function::name); found != table.end())
      return &*found;
  return nullptr;
}

std::string check_arguments(const Function& function, Arguments& arguments,
                            const std::vector<bool>& literal) {
  std::string_view letters = function.parameters;
  const bool open = letters.ends_with('*');
  if (open) letters.remove_suffix(1);
  const std::size_t least = letters.size() - (open ? 1 : 0);
  const std::string name(function.name);
  if (arguments.size() < least || (!open && arguments.size() > letters.size()))
    return "wrong number of args for " + name + ": want " + (open ? "at least " : "") +
           std::to_string(least) + " got " + std::to_string(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const char letter = letters[std::min(i, letters.size() - 1)];
    Value& value = arguments[i];
    if (fits(letter, value) || (literal[i] && convert_literal(letter, value))) continue;
    const std::string wanted(expected_type(letter));
    if (value.is_nil()) return "invalid value for " + name + "; expected " + wanted;
    return "wrong type for value of " + name + "; expected " + wanted + "; got " + type_name(value);
  }
  return {};
}

std::int64_t to_int64(const Value& value) {
  switch (value.type()) {
    case Type::boolean:
      return value.boolean() ? 1 : 0;
    case Type::integer:
    case Type::integer64:
      return value.integer();
    case Type::floating: {
      const double number = value.floating();
      constexpr double kLimit = 9.2e18;
      if (!(number > -kLimit && number < kLimit)) return std::numeric_limits<std::int64_t>::min();
      return static_cast<std::int64_t>(number);
    }
    case Type::text: {
      std::string_view text = value.text();
      const bool negative = text.starts_with('-');
      if (negative || text.starts_with('+')) text.remove_prefix(1);
      int base = 10;
      if (text.size() > 1 && text[0] == '0') {
        const char kind = static_cast<char>(text[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
      }
      std::int64_t number = 0;
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), number, base);
      if (text.starts_with('-') || error != std::errc{} || end != text.data() + text.size())
        return 0;
      return negative ? -number : number;
    }
    default:
      return 0;
  }
}

double to_double(const Value& value) {
  if (value.type() == Type::floating) return value.floating();
  if (value.type() == Type::text) {
    std::string_view text = value.text();
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : 0;
  }
  return static_cast<double>(to_int64(value));
}

std::string to_text(Context& context, const Value& value) { return printed(value, context.budget); }

std::size_t size_of(const Value& value) {
  const auto text = [](const Value& item) {
    return item.type() == Type::text ? item.text().size() : std::size_t{0};
  };
  std::size_t size = text(value);
  if (value.type() == Type::list)
    for (const Value& item : value.list().items) size += sizeof(Value) + text(item);
  if (value.type() == Type::map)
    for (const auto& [key, item] : value.map().items)
      size += sizeof(Value) + key.size() + text(item);
  return size;
}

}  // namespace ropewalk::config::templates
