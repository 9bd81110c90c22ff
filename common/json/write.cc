#include "common/json/value.h"

#include "common/utf8.h"

namespace ropewalk::json {

void write_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      if (const std::size_t length = utf8_length(text.substr(i))) {
        i += length - 1;
        continue;
      }
      out.append(text, kept, i - kept);
      kept = i + 1;
      out += "\xEF\xBF\xBD";
      continue;
    }
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, kept, i - kept);
    kept = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, kept);
  out += '"';
}

void write(std::string& out, const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      out += "null";
      break;
    case Value::Type::boolean:
      out += value.boolean() ? "true" : "false";
      break;
    case Value::Type::number:
      out += value.number_text();
      break;
    case Value::Type::string:
      write_string(out, value.string());
      break;
    case Value::Type::list: {
      out += '[';
      bool first = true;
      for (const Value& element : value.elements()) {
        if (!first) out += ',';
        first = false;
        write(out, element);
      }
      out += ']';
      break;
    }
    case Value::Type::object: {
      out += '{';
      bool first = true;
      for (const Value::Member& member : value.members()) {
        if (!first) out += ',';
        first = false;
        write_string(out, member.key);
        out += ':';
        write(out, member.value);
      }
      out += '}';
      break;
    }
  }
}

std::string to_string(const Value& value) {
  std::string out;
  write(out, value);
  return out;
}

}  // namespace ropewalk::json
