// The functions that Go's text/template has itself, but for and/or, which the evaluation does.
#include "config/template/format.h"
#include "config/template/functions.h"

#include <array>
#include <cmath>

namespace ropewalk::config::templates {
namespace {

// fmt.Sprint: blanks between values where neither is a text.
std::string sprint(Context& context, const Arguments& arguments) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0 && arguments[i].type() != Type::text && arguments[i - 1].type() != Type::text)
      out += ' ';
    out += to_text(context, arguments[i]);
  }
  return out;
}

Answer print_values(Context& context, Arguments& a) { return Value::of(sprint(context, a)); }

Answer print_line(Context& context, Arguments& a) {
  std::string out;
  for (std::size_t i = 0; i < a.size(); ++i) out += (i ? " " : "") + to_text(context, a[i]);
  return Value::of(out + "\n");
}

Answer print_format(Context& context, Arguments& a) {
  return Value::of(format(a[0].text(), std::span(a).subspan(1), context.budget));
}

Answer html(Context& context, Arguments& a) {
  std::string out;
  for (const char c : sprint(context, a)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\0':
        out += "\ufffd";
        break;
      default:
        out += c;
    }
  }
  return Value::of(std::move(out));
}

Answer js(Context& context, Arguments& a) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : sprint(context, a)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '\'' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '<' || c == '>' || c == '&' || c == '=' || byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return Value::of(std::move(out));
}

Answer urlquery(Context& context, Arguments& a) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : sprint(context, a)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return Value::of(std::move(out));
}

Answer length(Context&, Arguments& a) {
  std::size_t size = 0;
  if (a[0].type() == Type::text)
    size = a[0].text().size();
  else if (a[0].type() == Type::list)
    size = a[0].list().items.size();
  else if (a[0].type() == Type::map && a[0].map().struct_name.empty())
    size = a[0].map().items.size();
  else
    return refuse("len of type " + type_name(a[0]));
  return Value::of(static_cast<std::int64_t>(size));
}

Answer index(Context&, Arguments& a) {
  if (a[0].is_nil()) return refuse("index of untyped nil");
  Value value = a[0];
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (value.type() == Type::map && value.map().struct_name.empty()) {
      if (a[i].type() != Type::text)
        return refuse("value has type " + type_name(a[i]) + "; should be string");
      const auto found = value.map().items.find(a[i].text());
      value = found == value.map().items.end() ? Value::nil() : Value(found->second);
      continue;
    }
    if (value.is_nil()) return refuse("index of nil pointer");
    const bool text = value.type() == Type::text;
    if (value.type() != Type::list && !text)
      return refuse("can't index item of type " + type_name(value));
    if (!a[i].is_integer()) return refuse("cannot index slice/array with type " + type_name(a[i]));
    const std::size_t size = text ? value.text().size() : value.list().items.size();
    const std::int64_t at = a[i].integer();
    if (at < 0 || static_cast<std::size_t>(at) >= size)
      return refuse("index out of range: " + std::to_string(at));
    const auto position = static_cast<std::size_t>(at);
    value = text ? Value::of(static_cast<std::int64_t>(
                       static_cast<unsigned char>(value.text()[position])))
                 : Value(value.list().items[position]);
  }
  return value;
}

Answer negate(Context&, Arguments& a) { return Value::of(!a[0].truth()); }

enum class Basic : std::uint8_t { invalid, boolean, integer, floating, text };

Basic basic(const Value& value) {
  if (value.type() == Type::boolean) return Basic::boolean;
  if (value.is_integer()) return Basic::integer;
  if (value.type() == Type::floating) return Basic::floating;
  if (value.type() == Type::text) return Basic::text;
  return Basic::invalid;
}

std::expected<bool, std::string> same(const Value& one, const Value& other) {
  const Basic kind = basic(one);
  if (kind != basic(other)) {
    if (!one.is_nil() && !other.is_nil()) return refuse("incompatible types for comparison");
    return false;
  }
  switch (kind) {
    case Basic::boolean:
      return one.boolean() == other.boolean();
    case Basic::integer:
      return one.integer() == other.integer();
    case Basic::floating:
      return one.floating() == other.floating();
    case Basic::text:
      return one.text() == other.text();
    case Basic::invalid:
      if (one.is_nil() || other.is_nil()) return one.is_nil() && other.is_nil();
      return refuse("non-comparable type " + type_name(one));
  }
  return false;
}

Answer equal(Context&, Arguments& a) {
  if (a.size() < 2) return refuse("missing argument for comparison");
  for (std::size_t i = 1; i < a.size(); ++i) {
    const auto result = same(a[0], a[i]);
    if (!result) return refuse(result.error());
    if (*result) return Value::of(true);
  }
  return Value::of(false);
}

Answer unequal(Context&, Arguments& a) {
  const auto result = same(a[0], a[1]);
  if (!result) return refuse(result.error());
  return Value::of(!*result);
}

std::expected<bool, std::string> below(const Value& one, const Value& other) {
  const Basic kind = basic(one);
  if (kind == Basic::invalid || basic(other) == Basic::invalid)
    return refuse("invalid type for comparison");
  if (kind != basic(other)) return refuse("incompatible types for comparison");
  if (kind == Basic::integer) return one.integer() < other.integer();
  if (kind == Basic::floating) return one.floating() < other.floating();
  if (kind == Basic::text) return one.text() < other.text();
  return refuse("invalid type for comparison");
}

Answer less(Context&, Arguments& a) {
  const auto result = below(a[0], a[1]);
  if (!result) return refuse(result.error());
  return Value::of(*result);
}

Answer less_or_equal(Context&, Arguments& a) {
  const auto result = below(a[0], a[1]);
  if (!result) return refuse(result.error());
  return Value::of(*result || *same(a[0], a[1]));
}

Answer greater(Context&, Arguments& a) {
  const auto result = below(a[0], a[1]);
  if (!result) return refuse(result.error());
  return Value::of(!*result && !*same(a[0], a[1]));
}

Answer greater_or_equal(Context&, Arguments& a) {
  const auto result = below(a[0], a[1]);
  if (!result) return refuse(result.error());
  return Value::of(!*result);
}

constexpr auto kGoFunctions = std::to_array<Function>({
    {"eq", "aa*", equal},
    {"ge", "aa", greater_or_equal},
    {"gt", "aa", greater},
    {"html", "a*", html},
    {"index", "aa*", index},
    {"js", "a*", js},
    {"le", "aa", less_or_equal},
    {"len", "a", length},
    {"lt", "aa", less},
    {"ne", "aa", unequal},
    {"not", "a", negate},
    {"print", "a*", print_values},
    {"printf", "sa*", print_format},
    {"println", "a*", print_line},
    {"urlquery", "a*", urlquery},
});

}  // namespace

std::span<const Function> go_functions() { return kGoFunctions; }

}  // namespace ropewalk::config::templates
