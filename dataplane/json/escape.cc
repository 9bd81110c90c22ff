#include "dataplane/json/escape.h"

#include "common/utf8.h"
#include "dataplane/json/projection.h"

#include <cstdint>
#include <cstring>

namespace ropewalk::json {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char kHex[] = "0123456789abcdef";

// The four hexadecimal digits after "\u", or -1.
std::int32_t hex4(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  std::int32_t value = 0;
  for (char c : text.substr(2, 4)) {
    std::int32_t digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = (c | 0x20) - 'a' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

bool high_surrogate(std::int32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool low_surrogate(std::int32_t code) { return code >= 0xDC00 && code < 0xE000; }

// Whether Go's encoder writes the byte as it is.
bool plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

void append_ascii_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

Escape parse_escape(std::string_view text) {
  if (text.size() < 2) return {};
  switch (text[1]) {
    case '"':
    case '\\':
    case '/':
      return {.length = 2, .code = static_cast<char32_t>(text[1])};
    case 'b':
      return {.length = 2, .code = '\b'};
    case 'f':
      return {.length = 2, .code = '\f'};
    case 'n':
      return {.length = 2, .code = '\n'};
    case 'r':
      return {.length = 2, .code = '\r'};
    case 't':
      return {.length = 2, .code = '\t'};
    case 'u':
      break;
    default:
      return {};
  }
  const std::int32_t first = hex4(text);
  if (first < 0) return {};
  if (high_surrogate(first)) {
    const std::int32_t second = hex4(text.substr(6));
    if (low_surrogate(second)) {
      const auto code =
          0x10000 + ((static_cast<char32_t>(first) - 0xD800) << 10) + (second - 0xDC00);
      return {.length = 12, .code = static_cast<char32_t>(code)};
    }
    return {.length = 6, .code = kReplacement, .lone = true};
  }
  if (low_surrogate(first)) return {.length = 6, .code = kReplacement, .lone = true};
  return {.length = 6, .code = static_cast<char32_t>(first)};
}

Escapes check_escapes(std::string_view text) {
  Escapes result = Escapes::valid;
  for (std::size_t at = 0; (at = text.find('\\', at)) != std::string_view::npos;) {
    const Escape escape = parse_escape(text.substr(at));
    if (escape.length == 0) return Escapes::malformed;
    if (escape.lone) result = Escapes::lone_surrogate;
    at += escape.length;
  }
  return result;
}

std::size_t decode(std::string_view text, char* out) {
  char* const begin = out;
  while (!text.empty()) {
    const std::size_t run = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), run);
    out += run;
    text.remove_prefix(run);
    if (text.empty()) break;
    const Escape escape = parse_escape(text);
    out += encode_utf8(escape.code, out);
    text.remove_prefix(escape.length == 0 ? text.size() : escape.length);
  }
  return static_cast<std::size_t>(out - begin);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && plain(static_cast<unsigned char>(text[run]))) ++run;
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text[0]);
    if (c < 0x20 || c == '"' || c == '\\') {
      append_ascii_escape(out, c);
      text.remove_prefix(1);
      continue;
    }
    if (c < 0x80) {  // < > &
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    const std::string_view symbol = text.substr(0, length);
    if (symbol == "\xE2\x80\xA8") {
      out += "\\u2028";
    } else if (symbol == "\xE2\x80\xA9") {
      out += "\\u2029";
    } else {
      out += symbol;
    }
    text.remove_prefix(length);
  }
  out += '"';
}

}  // namespace ropewalk::json
