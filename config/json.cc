#include "config/document.h"

#include "common/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace ropewalk::config {
namespace {

using nlohmann::json;

std::string place(std::string_view text, const std::string& name, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last = before.rfind('\n');
  const auto column = before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1;
  return name + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

std::optional<unsigned> code_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned value = 0;
  const char* end = text.data() + at + 6;
  const auto result = std::from_chars(text.data() + at + 2, end, value, 16);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

bool high(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool low(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

bool minus_zero(std::string_view text, std::size_t at) {
  constexpr std::string_view kMore = "0123456789.eE";
  return text.substr(at, 2) == "-0" &&
         (at + 2 == text.size() || kMore.find(text[at + 2]) == std::string_view::npos) &&
         (at == 0 || kMore.find(text[at - 1]) == std::string_view::npos);
}

// Walks over the text once: lone surrogates and bytes that are no UTF-8 become U+FFFD in place;
// returns the position of the first bracket that nests too deep, or npos.
std::size_t prepare(std::string& text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!quoted) {
      if (c == '"') quoted = true;
      // -0 is a float in Go, an integer without sign to the parser.
      if (minus_zero(text, at)) text.insert(at + 2, ".0");
      if ((c == '{' || c == '[') && ++depth > kMaxNesting) return at;
      if (c == '}' || c == ']') --depth;
    } else if (c == '"') {
      quoted = false;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      const std::size_t length = utf8_length(std::string_view(text).substr(at));
      if (length == 0) text.replace(at, 1, "\xef\xbf\xbd");
      at += length == 0 ? 2 : length - 1;
    } else if (c == '\\') {
      const auto unit = code_unit(text, at);
      if (!unit || (!high(*unit) && !low(*unit))) {
        ++at;
        continue;
      }
      const auto next = code_unit(text, at + 6);
      if (high(*unit) && next && low(*next))
        at += 11;
      else
        text.replace(at, 6, "\\ufffd");
    }
  }
  return std::string::npos;
}

// "[json.exception.parse_error.101] parse error at line 1, column 9: syntax error while parsing
// object key - unexpected '}'; expected string literal; last read: ..." -> "unexpected '}';
// expected string literal". What was read may be a secret.
std::string reason(std::string_view what) {
  if (const auto at = what.find("last read"); at != std::string_view::npos)
    what = what.substr(0, what.rfind(';', at));
  if (const auto at = what.find(" - "); at != std::string_view::npos)
    what.remove_prefix(at + 3);
  else if (const auto colon = what.rfind(": "); colon != std::string_view::npos)
    what.remove_prefix(colon + 2);
  return std::string(what);
}

// Where the first number stands that no double holds; the parser does not say.
std::size_t too_large_number(std::string_view text) {
  constexpr std::string_view kNumber = "+-.0123456789eE";
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++at;
    if (quoted || (c != '-' && (c < '0' || c > '9'))) continue;
    const std::size_t end = std::min(text.find_first_not_of(kNumber, at), text.size());
    if (std::isinf(std::strtod(std::string(text.substr(at, end - at)).c_str(), nullptr))) return at;
    at = end - 1;
  }
  return 0;
}

std::string go_number(double value) {
  std::array<char, 64> buffer{};
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string out(buffer.data(), error == std::errc{} ? end : buffer.data());
  // Go writes 1e-9 where C++ writes 1e-09.
  if (const auto at = out.find("e-0"); at != std::string::npos) out.erase(at + 2, 1);
  return out;
}

void append_go_json(std::string& out, const json& value) {
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
  };
  if (value.is_number()) {
    out += go_number(value.get<double>());
  } else if (value.is_array()) {
    out += '[';
    for (const json& entry : value) {
      separate();
      append_go_json(out, entry);
    }
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    for (auto it = value.begin(); it != value.end(); ++it) {
      separate();
      append_go_json(out, it.key());
      out += ':';
      append_go_json(out, *it);
    }
    out += '}';
  } else {
    out += value.dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

}  // namespace

Result<json> parse_json(std::string_view text, const std::string& name) {
  if (text.starts_with("\xef\xbb\xbf"))
    return fail(Kind::config, place(text, name, 0) +
                                  "not valid JSON: begins with a byte order mark, save it without");
  // Go's parser does not end there.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return fail(Kind::config, place(text, name, nul) + "not valid JSON: a NUL byte");
  std::string prepared(text);
  if (const std::size_t deep = prepare(prepared); deep != std::string::npos)
    return fail(Kind::config, place(text, name, deep) + "nested deeper than " +
                                  std::to_string(kMaxNesting) + " levels");
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return fail(Kind::config, name + ": empty, expected a JSON object");
  try {
    return json::parse(prepared);
  } catch (const json::parse_error& error) {
    const std::size_t at = error.byte == 0 ? 0 : error.byte - 1;
    return fail(Kind::config, place(text, name, at) + "not valid JSON: " + reason(error.what()));
  } catch (const json::out_of_range&) {
    return fail(Kind::config, place(text, name, too_large_number(text)) +
                                  "not valid JSON: a number is out of range");
  }
}

std::string go_json(const json& value) {
  std::string out;
  append_go_json(out, value);
  return out;
}

}  // namespace ropewalk::config
