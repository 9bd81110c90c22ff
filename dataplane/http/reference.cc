#include "dataplane/http/reference.h"

#include "common/strings.h"
#include "dataplane/http/escape.h"
#include "dataplane/http/target.h"

#include <charconv>
#include <vector>

namespace ropewalk::http {
namespace {

std::string clean_target(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f)
      append_escape(out, c);
    else
      out += c;
  }
  if (out.empty() || out.front() != '/') out.insert(0, "/");
  return out;
}

// RFC 3986 5.2.4
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  std::string_view rest = path.substr(1);
  bool slash_at_end = false;
  for (;;) {
    const std::size_t end = rest.find('/');
    const std::string_view segment = rest.substr(0, end);
    const bool last = end == std::string_view::npos;
    slash_at_end = segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
    if (last) break;
    rest.remove_prefix(end + 1);
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out += '/';
    out += segment;
  }
  if (slash_at_end || out.empty()) out += '/';
  return out;
}

}  // namespace

std::string Url::text() const { return (tls ? "https://" : "http://") + authority + target; }

Result<Url> parse_url(std::string_view text) {
  const auto broken = [&](std::string_view what) {
    return fail(Kind::protocol, "\"" + std::string(text) + "\": " + std::string(what));
  };
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return broken("no absolute URL");
  const std::string scheme = to_lower(text.substr(0, colon));
  if (scheme != "http" && scheme != "https")
    return broken("unsupported protocol scheme \"" + scheme + "\"");
  url.tls = scheme == "https";
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, end);
  url.target = clean_target(end == std::string_view::npos ? std::string_view() : rest.substr(end));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return broken("no closing bracket");
    url.host = to_lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return broken("no port");
  } else {
    const std::size_t at = authority.find(':');
    url.host = to_lower(authority.substr(0, at));
    if (at != std::string_view::npos) port = authority.substr(at);
  }
  if (url.host.empty()) return broken("no host in request URL");
  for (const char c : url.host)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '%' || c == '/' || c == '\\')
      return broken("invalid host");
  const std::uint16_t usual = url.tls ? 443 : 80;
  url.port = usual;
  if (port.size() > 1) {
    const auto read = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
    if (read.ec != std::errc() || read.ptr != port.data() + port.size() || url.port == 0)
      return broken("invalid port");
  }
  url.authority = url.host.find(':') != std::string::npos ? "[" + url.host + "]" : url.host;
  if (url.port != usual) url.authority += ":" + std::to_string(url.port);
  return url;
}

Result<Url> resolve_reference(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const std::size_t colon = reference.find(':');
  const std::size_t slash = reference.find_first_of("/?");
  if (colon != std::string_view::npos && colon < slash) return parse_url(reference);
  if (reference.starts_with("//"))
    return parse_url((base.tls ? "https:" : "http:") + std::string(reference));
  Url out = base;
  if (reference.empty()) return out;
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  if (reference.front() == '?') {
    out.target = clean_target(std::string(base_path) + std::string(reference));
    return out;
  }
  const std::size_t query = reference.find('?');
  std::string path(reference.substr(0, query));
  if (path.front() != '/') path = std::string(base_path.substr(0, base_path.rfind('/') + 1)) + path;
  out.target = without_dots(clean_target(path));
  if (query != std::string_view::npos)
    out.target += clean_target(reference.substr(query)).substr(1);
  return out;
}

Result<std::string> relative_target(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const std::size_t end = text.find_first_of("/?");
  const std::string_view path = text.substr(0, text.find('?'));
  const auto decoded = decode_path(path);
  const bool names_server = text.substr(0, end).find(':') != std::string_view::npos ||
                            path.starts_with("//") || path.find('\\') != std::string_view::npos;
  if (names_server || !decoded) return fail(Kind::protocol, "no path of this backend");
  for (const char c : text)
    if (is_control(c)) return fail(Kind::protocol, "invalid control character in URL");
  for (const std::string_view segment : split(*decoded, '/'))
    if (segment == "..") return fail(Kind::protocol, "dot segment in URL");
  return clean_target(text);
}

}  // namespace ropewalk::http
