#include "dataplane/http/target.h"

#include "common/strings.h"
#include "dataplane/http/chars.h"
#include "dataplane/http/escape.h"

#include <algorithm>

namespace ropewalk::http {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

// As Go quotes the escape that it could not decode: at most three bytes.
std::string quoted(std::string_view text) {
  text = text.substr(0, 3);
  const bool rune = text.size() == 3 && (text[1] & 0xe0) == 0xc0 && (text[2] & 0xc0) == 0x80;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (is_control(c) || (static_cast<unsigned char>(c) >= 0x80 && !rune)) {
      constexpr char kLower[] = "0123456789abcdef";
      out += "\\x";
      out += kLower[static_cast<unsigned char>(c) >> 4];
      out += kLower[c & 15];
    } else {
      out += c;
    }
  }
  return out += '"';
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (!is_escape(text, i))
        return fail(Kind::bad_request, "invalid URL escape " + quoted(text.substr(i)),
                    Origin::client);
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

void append_escape(std::string& out, char c) {
  out += '%';
  out += kHexDigits[static_cast<unsigned char>(c) >> 4];
  out += kHexDigits[c & 15];
}

bool needs_path_encoding(std::string_view value) {
  for (char c : value)
    if (!in_class(kValidPathChar, c) && c != '?' && c != '#' && c != '%') return true;
  return false;
}

void append_segment(std::string& out, std::string_view value, PathStyle style) {
  const CharClass& plain = style == PathStyle::kept ? kValidPathChar : kPlainPathChar;
  for (char c : value) {
    if (in_class(plain, c) && c != '/')
      out += c;
    else
      append_escape(out, c);
  }
}

Result<std::string> decode_path(std::string_view text) { return decode(text, false); }

Result<std::string> decode_query(std::string_view text) { return decode(text, true); }

void append_path_segment(std::string& out, std::string_view value) {
  append_segment(out, value, needs_path_encoding(value) ? PathStyle::encoded : PathStyle::kept);
}

void append_query_escaped(std::string& out, std::string_view value) {
  for (char c : value) {
    if (in_class(kUnreservedChar, c))
      out += c;
    else if (c == ' ')
      out += '+';
    else
      append_escape(out, c);
  }
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (piece.empty() || piece.find(';') != std::string_view::npos) continue;
    const std::size_t equals = piece.find('=');
    Result<std::string> key = decode_query(piece.substr(0, equals));
    Result<std::string> value =
        equals == std::string_view::npos ? std::string() : decode_query(piece.substr(equals + 1));
    if (key && value) parameters.emplace_back(std::move(*key), std::move(*value));
  }
  return parameters;
}

Result<std::string> path_parameter(std::string_view raw_segment) {
  Result<std::string> value = decode_path(raw_segment);
  if (!value) return value;
  const Result<std::string> again = decode_path(*value);
  if (!again) return again;
  if (*again != *value || value->find_first_of("?#") != std::string::npos)
    return fail(Kind::bad_request, "encoded url params", Origin::client);
  return value;
}

std::string masked_query(
    std::string_view target,
    const std::function<bool(std::string_view name, std::string_view value)>& hidden) {
  const std::size_t query = target.find('?');
  if (query == std::string_view::npos) return std::string(target);
  std::string out(target.substr(0, query));
  char before = '?';
  for (const std::string_view parameter : split(target.substr(query + 1), '&')) {
    const std::size_t value = parameter.find('=') + 1;
    const bool mask = value != 0 && hidden(parameter.substr(0, value - 1), parameter.substr(value));
    out += before;
    out += mask ? parameter.substr(0, value) : parameter;
    if (mask) out += "***";
    before = '&';
  }
  return out;
}

std::string masked_query(std::string_view target, const std::vector<std::string>& names) {
  return masked_query(target, [&names](std::string_view written, std::string_view) {
    const auto name = decode_query(written);
    return name && std::ranges::find(names, *name) != names.end();
  });
}

bool is_dot_segment(std::string_view decoded) { return decoded == "." || decoded == ".."; }

Result<std::string> path_tail(std::string_view raw_tail) {
  Result<std::string> decoded = decode_path(raw_tail);
  if (!decoded) return decoded;
  for (char& c : *decoded)
    if (c == '\\') c = '/';
  for (std::string_view segment : split(*decoded, '/'))
    if (is_dot_segment(segment))
      return fail(Kind::bad_request, "dot segment in the path", Origin::client);
  std::string out;
  for (char c : raw_tail) {
    if (in_class(kValidPathChar, c) || c == '%')
      out += c;
    else
      append_escape(out, c);
  }
  return out;
}

std::string escape_path(std::string_view decoded) {
  std::string out;
  for (char c : decoded) {
    if (in_class(kPlainPathChar, c))
      out += c;
    else
      append_escape(out, c);
  }
  return out;
}

}  // namespace ropewalk::http
