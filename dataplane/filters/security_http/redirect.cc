#include "dataplane/filters/security_http/redirect.h"

#include "dataplane/http/chars.h"
#include "dataplane/http/escape.h"
#include "dataplane/http/target.h"

namespace ropewalk::filters {
namespace {

constexpr http::CharClass kHostChar = http::char_class("-._~!$&'()*+,;=:[]");

// A path goes out as it came in unless it has bytes that no path may hold.
std::string escaped_path(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && http::is_escape(path, i)) continue;
    if (http::in_class(http::kValidPathChar, path[i])) continue;
    const auto decoded = http::decode_path(path);
    return http::escape_path(decoded ? *decoded : path);
  }
  return std::string(path);
}

void append_entity(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&#34;";
      return;
    case '\'':
      out += "&#39;";
      return;
    default:
      out += c;
  }
}

}  // namespace

std::string https_location(std::string_view host, const http::RequestHead& head) {
  std::string out = "https://";
  for (const char c : host)
    if (http::in_class(kHostChar, c))
      out += c;
    else
      http::append_escape(out, c);
  if (!head.path.starts_with('/')) out += '/';
  out += escaped_path(head.path);
  if (!head.query.empty()) out += '?';
  for (const char c : head.query)
    if (http::is_control(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80)
      http::append_escape(out, c);
    else
      out += c;
  return out;
}

std::string redirect_page(std::string_view location) {
  std::string out = "<a href=\"";
  for (const char c : location) append_entity(out, c);
  return out + "\">Moved Permanently</a>.\n\n";
}

}  // namespace ropewalk::filters
