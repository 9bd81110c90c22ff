#include "dataplane/filters/lua/url.h"

#include "common/strings.h"
#include "dataplane/http/target.h"

#include <algorithm>

namespace ropewalk::lua {

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string encode_query(std::vector<std::pair<std::string, std::string>> query) {
  std::ranges::stable_sort(query, {}, &std::pair<std::string, std::string>::first);
  std::string out;
  for (const auto& [name, value] : query) {
    if (!out.empty()) out += '&';
    http::append_query_escaped(out, name);
    out += '=';
    http::append_query_escaped(out, value);
  }
  return out;
}

std::string shown_path(std::string_view path) {
  const std::size_t mark = std::min(path.find('?'), path.size());
  auto decoded = http::decode_path(path.substr(0, mark));
  return (decoded ? std::move(*decoded) : std::string(path.substr(0, mark))) +
         std::string(path.substr(mark));
}

std::string call_url(const pipeline::Request& request, std::string_view host) {
  std::string out(request.destination.empty() ? host : request.destination);
  out += request.path;
  const std::string query = encode_query(request.query);
  if (!query.empty()) {
    out += request.path.find('?') == std::string_view::npos ? '?' : '&';
    out += query;
  }
  return out;
}

bool redirect_call(pipeline::Request& request, std::string_view url) {
  if (std::ranges::any_of(
          url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
    return false;
  url = url.substr(0, url.find('#'));
  std::string_view path = url;
  std::string destination;
  if (const std::size_t scheme = url.find("://"); scheme != url.npos) {
    const std::string name = to_lower(url.substr(0, scheme));
    const std::size_t end = std::min(url.find_first_of("/?", scheme + 3), url.size());
    const std::string_view authority = url.substr(scheme + 3, end - scheme - 3);
    if ((name != "http" && name != "https") || authority.empty() ||
        authority.find('@') != authority.npos)
      return false;
    destination = name + "://" + std::string(authority);
    path = url.substr(end);
  } else if (!url.starts_with('/')) {
    return false;
  }
  if (!destination.empty()) request.destination = request.arena.keep(std::move(destination));
  std::string text(path);
  if (!text.starts_with('/')) text.insert(0, "/");
  request.set_path(std::move(text));
  request.query.clear();
  return true;
}

std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

std::optional<std::string> resolve_url(std::string_view base, std::string_view location) {
  const auto bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (location.empty() || std::ranges::any_of(location, bad)) return std::nullopt;
  location = location.substr(0, location.find('#'));
  base = base.substr(0, base.find('#'));
  const std::string lowered = to_lower(location.substr(0, 8));
  if (lowered.starts_with("http://") || lowered.starts_with("https://"))
    return std::string(location);
  if (location.find("://") < location.find('/')) return std::nullopt;
  if (location.starts_with("//"))
    return std::string(base.substr(0, base.find(':') + 1)) + std::string(location);
  const std::string_view origin = origin_of(base);
  if (location.starts_with('/')) return std::string(origin) + std::string(location);
  std::string_view path = base.substr(origin.size());
  path = path.substr(0, path.find('?'));
  if (location.starts_with('?'))
    return std::string(origin) + std::string(path) + std::string(location);
  const std::size_t slash = path.rfind('/');
  const std::string_view folder = slash == path.npos ? "/" : path.substr(0, slash + 1);
  return std::string(origin) + std::string(folder) + std::string(location);
}

}  // namespace ropewalk::lua
