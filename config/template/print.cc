#include "config/template/print.h"

#include "config/template/calendar.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace ropewalk::config::templates {
namespace {

using nlohmann::json;

void print(std::string& out, const Value& value, int depth, Budget& budget) {
  if (!budget.spend(Budget::kPrinted + (value.type() == Type::text ? value.text().size() : 0)))
    return;
  if (depth > kMaxPrintDepth) {
    out += "...";
    return;
  }
  switch (value.type()) {
    case Type::missing:
    case Type::nil:
      out += "<nil>";
      return;
    case Type::boolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Type::integer:
    case Type::integer64:
      out += std::to_string(value.integer());
      return;
    case Type::floating:
      out += float_text(value.floating(), 'g', -1);
      return;
    case Type::text:
      out += value.text();
      return;
    case Type::time:
      out += format_time(value.time(), "2006-01-02 15:04:05 -0700 MST");
      return;
    case Type::list: {
      out += '[';
      bool first = true;
      for (const Value& item : value.list().items) {
        if (!first) out += ' ';
        first = false;
        print(out, item, depth + 1, budget);
      }
      out += ']';
      return;
    }
    case Type::map: {
      if (!value.map().struct_name.empty()) {
        out += value.map().text;
        return;
      }
      out += "map[";
      bool first = true;
      for (const auto& [key, item] : value.map().items) {
        if (!first) out += ' ';
        first = false;
        if (!budget.spend(key.size())) return;
        out += key + ":";
        print(out, item, depth + 1, budget);
      }
      out += ']';
      return;
    }
  }
}

// Go writes exponents with two digits at least, like C++.
std::string chars(double value, std::chars_format form, int precision) {
  std::array<char, 1200> buffer{};
  const auto result =
      precision < 0
          ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, form)
          : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, form, precision);
  return result.ec == std::errc{} ? std::string(buffer.data(), result.ptr) : std::string("0");
}

int exponent(double value, int precision) {
  const std::string text = chars(value, std::chars_format::scientific, precision);
  return std::atoi(text.c_str() + text.find('e') + 1);
}

std::string json_number(double value) {
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) return chars(value, std::chars_format::fixed, -1);
  std::string out = chars(value, std::chars_format::scientific, -1);
  if (const auto at = out.find("e-0"); at != std::string::npos) out.erase(at + 2, 1);
  return out;
}

std::string json_text(std::string_view text, bool html) {
  const std::string plain = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  std::string out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (html && c == '<')
      out += "\\u003c";
    else if (html && c == '>')
      out += "\\u003e";
    else if (html && c == '&')
      out += "\\u0026";
    else if (plain.compare(i, 3, "\u2028") == 0 || plain.compare(i, 3, "\u2029") == 0) {
      out += plain[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else
      out += c;
  }
  return out;
}

class JsonWriter {
 public:
  JsonWriter(bool html, std::string_view indent, Budget& budget)
      : html_(html), indent_(indent), budget_(budget) {}

  void write(const Value& value, int depth) {
    if (!budget_.spend(Budget::kPrinted + (value.type() == Type::text ? value.text().size() : 0)))
      return;
    if (depth > kMaxPrintDepth) {
      out_ += "null";
      return;
    }
    switch (value.type()) {
      case Type::missing:
      case Type::nil:
        out_ += "null";
        return;
      case Type::boolean:
      case Type::integer:
      case Type::integer64:
        out_ += printed(value, budget_);
        return;
      case Type::floating:
        out_ += std::isfinite(value.floating()) ? json_number(value.floating()) : "null";
        return;
      case Type::text:
        out_ += json_text(value.text(), html_);
        return;
      case Type::time:
        out_ += '"' + format_time(value.time(), "2006-01-02T15:04:05Z07:00") + '"';
        return;
      case Type::list:
        list(value.list(), depth);
        return;
      case Type::map:
        if (value.map().struct_name.empty())
          map(value.map(), depth);
        else
          out_ += json_text(value.map().text, html_);
        return;
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void list(const List& list, int depth) {
    if (list.items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    bool first = true;
    for (const Value& item : list.items) {
      if (!first) out_ += ',';
      first = false;
      line(depth + 1);
      write(item, depth + 1);
    }
    line(depth);
    out_ += ']';
  }

  void map(const Map& map, int depth) {
    if (map.items.empty()) {
      out_ += "{}";
      return;
    }
    out_ += '{';
    bool first = true;
    for (const auto& [key, item] : map.items) {
      if (!first) out_ += ',';
      first = false;
      line(depth + 1);
      if (!budget_.spend(key.size())) return;
      out_ += json_text(key, html_) + (indent_.empty() ? ":" : ": ");
      write(item, depth + 1);
    }
    line(depth);
    out_ += '}';
  }

  void line(int depth) {
    if (indent_.empty() || !budget_.spend(static_cast<std::size_t>(depth) * indent_.size())) return;
    out_ += '\n';
    for (int i = 0; i < depth; ++i) out_ += indent_;
  }

  bool html_;
  std::string_view indent_;
  Budget& budget_;
  std::string out_;
};

}  // namespace

std::string printed(const Value& value, Budget& budget) {
  std::string out;
  print(out, value, 0, budget);
  return out;
}

std::string written(const Value& value, Budget& budget) {
  return value.is_nil() ? "<no value>" : printed(value, budget);
}

std::string float_text(double value, char verb, int precision) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (verb == 'f') return chars(value, std::chars_format::fixed, precision);
  if (verb == 'e') return chars(value, std::chars_format::scientific, precision);
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  if (precision == 0) precision = 1;
  // The shortest form counts as six digits where the exponent is chosen, so 1000000 is 1e+06.
  const int limit = precision < 0 ? 6 : precision;
  const int size = exponent(value, precision < 0 ? -1 : precision - 1);
  if (size < -4 || size >= limit) {
    if (precision < 0) return chars(value, std::chars_format::scientific, -1);
    const std::string out = chars(value, std::chars_format::scientific, precision - 1);
    const auto e = out.find('e');
    std::string digits = out.substr(0, e);
    if (digits.find('.') != std::string::npos) {
      digits.erase(digits.find_last_not_of('0') + 1);
      if (digits.ends_with('.')) digits.pop_back();
    }
    return digits + out.substr(e);
  }
  if (precision < 0) return chars(value, std::chars_format::fixed, -1);
  return chars(value, std::chars_format::general, precision);
}

std::string to_json(const Value& value, bool html, std::string_view indent, Budget& budget) {
  JsonWriter writer(html, indent, budget);
  writer.write(value, 0);
  return writer.take();
}

Value from_json(const json& document, Heap& heap) {
  if (document.is_null()) return Value::nil();
  if (document.is_boolean()) return Value::of(document.get<bool>());
  if (document.is_number()) return Value::of(document.get<double>());
  if (document.is_string()) return Value::of(document.get<std::string>());
  if (document.is_array()) {
    List& list = heap.list();
    for (const json& item : document) list.items.push_back(from_json(item, heap));
    return Value::of(&list);
  }
  Map& map = heap.map();
  for (auto it = document.begin(); it != document.end(); ++it)
    map.items[it.key()] = from_json(*it, heap);
  return Value::of(&map);
}

}  // namespace ropewalk::config::templates
