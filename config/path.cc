#include "config/path.h"

#include "common/strings.h"

#include <algorithm>
#include <functional>
#include <set>

namespace ropewalk::config {
namespace {

bool rest_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool loose_character(char c) { return rest_character(c) || c == '.' || c == ':' || c == '/'; }

// Calls `found` with the name of every "{name}" whose characters are all `allowed`, and its
// position.
void each_placeholder(std::string_view text, bool (*allowed)(char),
                      const std::function<void(std::string_view, std::size_t)>& found) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && allowed(text[end])) ++end;
    if (end == at + 1 || end == text.size() || text[end] != '}') continue;
    found(text.substr(at + 1, end - at - 1), at);
  }
}

std::vector<std::string> endpoint_parameters(std::string_view path, RestRule rule) {
  std::vector<std::string> out;
  const bool strict = rule == RestRule::strict;
  each_placeholder(path, strict ? rest_character : loose_character,
                   [&](std::string_view name, std::size_t at) {
                     if (strict && path[at - 1] != '/') return;
                     if (std::ranges::find(out, name) == out.end()) out.emplace_back(name);
                   });
  return out;
}

// "/users/{id}" -> "/users/:id", as KrakenD does it for its router: every occurrence, wherever it
// stands.
std::string with_colons(std::string path, const std::vector<std::string>& parameters) {
  for (const std::string& name : parameters) {
    const std::string braced = "{" + name + "}";
    for (std::size_t at = 0; (at = path.find(braced, at)) != std::string::npos;)
      path.replace(at, braced.size(), ":" + name);
  }
  return path;
}

bool reserved(std::string_view path) {
  for (const std::string_view word : {"/__debug", "/__echo", "/__health"}) {
    for (std::size_t at = path.find(word); at != std::string_view::npos;
         at = path.find(word, at + 1)) {
      const std::string_view rest = path.substr(at + word.size());
      if (rest.empty() || rest.starts_with('/')) return true;
    }
  }
  return false;
}

bool plain_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, rest_character);
}

// One segment in the syntax of KrakenD's router: text, then at most one ":name" up to its end.
Result<std::string> model_segment(std::string_view segment) {
  const auto colon = segment.find(':');
  if (colon == std::string_view::npos) return std::string(segment);
  const std::string_view name = segment.substr(colon + 1);
  if (name.empty()) return fail(Kind::config, "a ':' begins a parameter and needs a name after it");
  if (name.find(':') != std::string_view::npos)
    return fail(Kind::config,
                "only one parameter fits in a segment, got \"" + std::string(segment) + "\"");
  if (colon > 0 || !plain_name(name)) return std::string(segment);
  return "{" + std::string(name) + "}";
}

bool filled_elsewhere(std::string_view name) {
  if (name.starts_with("JWT.") && name.size() > 4) return true;
  if (!name.starts_with("resp")) return false;
  std::size_t at = 4;
  while (at < name.size() && name[at] >= '0' && name[at] <= '9') ++at;
  return at > 4 && at + 1 < name.size() && name[at] == '_';
}

std::string with_one_slash(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  return "/" + std::string(text);
}

std::string in_braces(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "{" : ", {") + name + "}";
  return out;
}

}  // namespace

Result<EndpointPath> parse_endpoint_path(std::string_view text, RestRule rule) {
  std::string path = with_one_slash(text);
  if (reserved(path))
    return fail(Kind::config,
                "/__debug, /__echo and /__health are reserved, got \"" + std::string(text) + "\"");
  if (path == kCatchAllPath)
    return fail(Kind::config,
                std::string(kCatchAllPath) + " is reserved for the gateway's own file");
  EndpointPath out;
  out.wildcard = path.ends_with("/*");
  if (path.find('*') < path.size() - (out.wildcard ? 1 : 0))
    return fail(Kind::config,
                "a '*' may only be the whole last segment, got \"" + std::string(text) + "\"");
  out.parameters = endpoint_parameters(path, rule);
  auto model = parse_router_path(with_colons(std::move(path), out.parameters));
  if (!model) return std::unexpected(model.error());
  out.path = std::move(*model);
  return out;
}

Result<std::string> parse_router_path(std::string_view text) {
  // The router cleans what it registers: no empty, "." or ".." segments, a slash at the end stays.
  std::vector<std::string_view> segments;
  for (const std::string_view segment : split(text, '/')) {
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  if (text.ends_with('/') && !segments.empty()) segments.emplace_back();
  std::string out;
  for (const std::string_view segment : segments) {
    auto part = model_segment(segment);
    if (!part) return part;
    out += "/" + *part;
  }
  return out.empty() ? "/" : out;
}

SegmentParameter segment_parameter(std::string_view segment) {
  if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
    const std::string_view name = segment.substr(1, segment.size() - 2);
    if (plain_name(name)) return {0, name};
  }
  const auto colon = segment.find(':');
  if (colon == std::string_view::npos) return {};
  return {colon, segment.substr(colon + 1)};
}

std::string path_identity(std::string_view model_path) {
  std::string out;
  bool first = true;
  for (const std::string_view segment : split(model_path, '/')) {
    if (!first) out += '/';
    first = false;
    const SegmentParameter parameter = segment_parameter(segment);
    out += segment.substr(0, parameter.at);
    if (parameter.at != std::string_view::npos) out += "{}";
  }
  return out;
}

Result<void> check_url(std::string_view pattern) {
  for (const char c : pattern)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return fail(Kind::config, "a URL has no control characters");
  const std::string_view path = pattern.substr(0, pattern.find_first_of("?#"));
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1))
    if (at + 2 >= path.size() || !hex_digit(path[at + 1]) || !hex_digit(path[at + 2]))
      return fail(Kind::config,
                  "invalid URL escape \"" + std::string(path.substr(at, 3)) + "\" in the path");
  return {};
}

Result<std::string> parse_url_pattern(std::string_view text,
                                      const std::vector<std::string>& parameters) {
  std::string unknown;
  each_placeholder(text, loose_character, [&](std::string_view name, std::size_t) {
    if (filled_elsewhere(name) || std::ranges::find(parameters, name) != parameters.end()) return;
    if (unknown.empty()) unknown = name;
  });
  if (!unknown.empty())
    return fail(Kind::config,
                "{" + unknown + "} is not a parameter of the endpoint, which has " +
                    (parameters.empty() ? std::string("none") : in_braces(parameters)));
  return with_one_slash(text);
}

}  // namespace ropewalk::config
