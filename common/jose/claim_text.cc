#include "common/jose/claim_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace ropewalk::jose {
namespace {

enum class Numbers : std::uint8_t { as_written, as_floats };

std::string fixed(double value, int decimals) {
  char text[400];
  return {text,
          static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.*f", decimals, value))};
}

// An exponent of at least two digits, as Go and C++ both write it: 1e+06.
std::string scientific(double value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  return {text, end.ptr};
}

std::string plain(double value) {
  char text[400];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return {text, end.ptr};
}

int exponent_of(double value) {
  const std::string text = scientific(value);
  int out = 0;
  const char* from = text.data() + text.find('e') + 1;
  if (*from == '+') ++from;
  std::from_chars(from, text.data() + text.size(), out);
  return out;
}

// %v of a float64.
std::string go_float(double value) {
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  const int exponent = exponent_of(value);
  return exponent < -4 || exponent >= 6 ? scientific(value) : plain(value);
}

// encoding/json of a float64: exponents lose their leading zero.
std::string json_float(double value) {
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  const double size = std::abs(value);
  if (size >= 1e-6 && size < 1e21) return plain(value);
  std::string out = scientific(value);
  const auto e = out.find('e');
  if (out.size() - e == 4 && out[e + 1] == '-' && out[e + 2] == '0') out.erase(e + 2, 1);
  return out;
}

std::vector<const json::Value::Member*> by_name(const json::Value& object) {
  std::vector<const json::Value::Member*> out;
  for (const auto& member : object.members()) out.push_back(&member);
  std::ranges::sort(out, {}, [](const json::Value::Member* member) { return member->key; });
  return out;
}

void write_escaped(std::string& out, std::string_view text) {
  std::string written;
  json::write_string(written, text);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const std::string_view rest = std::string_view(written).substr(i);
    if (written[i] == '<') {
      out += "\\u003c";
    } else if (written[i] == '>') {
      out += "\\u003e";
    } else if (written[i] == '&') {
      out += "\\u0026";
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += written[i];
    }
  }
}

void write_sorted(std::string& out, const json::Value& value, Numbers numbers) {
  if (value.is_string()) {
    write_escaped(out, value.string());
  } else if (value.is_number() && numbers == Numbers::as_floats) {
    out += json_float(value.as_double());
  } else if (value.is_list()) {
    out += '[';
    for (const json::Value& element : value.elements()) {
      if (out.back() != '[' || &element != value.elements().data()) out += ',';
      write_sorted(out, element, numbers);
    }
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const auto* member : by_name(value)) {
      if (!first) out += ',';
      first = false;
      write_escaped(out, member->key);
      out += ':';
      write_sorted(out, member->value, numbers);
    }
    out += '}';
  } else {
    json::write(out, value);
  }
}

// %v of what encoding/json makes of a value.
std::string go_text(const json::Value& value) {
  switch (value.type()) {
    case json::Value::Type::null:
      return "<nil>";
    case json::Value::Type::boolean:
      return value.boolean() ? "true" : "false";
    case json::Value::Type::number:
      return go_float(value.as_double());
    case json::Value::Type::string:
      return value.string();
    case json::Value::Type::list: {
      std::string out = "[";
      for (const json::Value& element : value.elements()) {
        if (&element != value.elements().data()) out += ' ';
        out += go_text(element);
      }
      return out + "]";
    }
    case json::Value::Type::object: {
      std::string out = "map[";
      for (const auto* member : by_name(value)) {
        if (out.back() != '[') out += ' ';
        out += member->key + ":" + go_text(member->value);
      }
      return out + "]";
    }
  }
  return {};
}

std::string number_text(double value) {
  constexpr double kNearlyWhole = 1e-6;
  const double rounded = std::round(value);
  if (std::abs(value - rounded) > kNearlyWhole) return fixed(value, 6);
  return fixed(rounded == 0 ? 0.0 : rounded, 0);
}

}  // namespace

std::string claim_text(const json::Value& claim) {
  if (claim.is_string()) return claim.string();
  if (claim.is_number()) return number_text(claim.as_double());
  if (claim.is_list()) {
    std::string out;
    for (const json::Value& element : claim.elements()) {
      if (&element != claim.elements().data()) out += ',';
      out += go_text(element);
    }
    return out;
  }
  std::string out;
  write_sorted(out, claim, Numbers::as_floats);
  return out;
}

std::vector<std::string> claim_texts(const json::Value& claim) {
  if (!claim.is_list()) return {claim_text(claim)};
  std::vector<std::string> out;
  for (const json::Value& element : claim.elements()) out.push_back(go_text(element));
  return out;
}

std::string sorted_json(const json::Value& value) {
  std::string out;
  write_sorted(out, value, Numbers::as_written);
  return out;
}

}  // namespace ropewalk::jose
