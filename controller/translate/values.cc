#include "controller/translate/values.h"

#include "common/strings.h"
#include "common/utf8.h"
#include "config/document.h"
#include "config/duration.h"
#include "controller/translate/limits.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace ropewalk::controller {
namespace {

using Expected = std::unexpected<std::string>;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// A label of a DNS name (RFC 1123), lower case.
bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::ranges::all_of(label,
                             [](char c) { return (is_alnum(c) && c == lower(c)) || c == '-'; });
}

bool is_dns_name(std::string_view name) {
  return name.size() <= 253 && std::ranges::all_of(split(name, '.'), is_label);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Value<std::string> one_of(std::string_view text, std::span<const std::string_view> allowed,
                          std::string expected) {
  if (std::ranges::find(allowed, text) != allowed.end()) return std::string(text);
  return Expected(std::move(expected));
}

std::string known(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return "one of " + out;
}

constexpr std::array<std::string_view, 5> kEndpointMethods = {"GET", "POST", "PUT", "PATCH",
                                                              "DELETE"};
constexpr std::array<std::string_view, 9> kBackendMethods = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"};

}  // namespace

Value<bool> parse_boolean(std::string_view text) {
  if (iequals(text, "true")) return true;
  if (iequals(text, "false")) return false;
  return Expected("\"true\" or \"false\"");
}

Value<int> parse_integer(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return Expected("an integer such as 10");
  return value;
}

Value<std::string> parse_text(std::string_view text) {
  if (has_control(text)) return Expected("text without control characters");
  return std::string(text);
}

Value<std::string> parse_positive_duration(std::string_view text) {
  const auto parsed = config::parse_duration(text);
  if (!parsed || *parsed <= 0) return Expected("a duration with a unit, such as 800ms or 1m30s");
  return std::string(text);
}

Value<std::vector<std::string>> parse_list(std::string_view text) {
  std::vector<std::string> out;
  if (text.starts_with('[')) {
    const auto json = config::parse_json(text, "JSON");
    if (!json || !json->is_array() ||
        !std::ranges::all_of(*json, [](const auto& v) { return v.is_string(); }))
      return Expected("a list separated by commas, or a JSON array of strings");
    for (const auto& value : *json) out.push_back(value.template get<std::string>());
  } else {
    for (const std::string_view item : split(text, ',')) out.emplace_back(trim(item));
  }
  if (std::ranges::any_of(out, [](const auto& item) { return item.empty() || has_control(item); }))
    return Expected("a list separated by commas, without empty items");
  return out;
}

Value<Mapping> parse_mapping(std::string_view text) {
  const Expected wrong("from=to,from=to, or a JSON object of strings");
  Mapping out;
  if (text.starts_with('{')) {
    const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!json.is_object()) return wrong;
    for (const auto& [from, to] : json.items()) {
      if (!to.is_string()) return wrong;
      out.emplace_back(from, to.get<std::string>());
    }
  } else {
    for (const std::string_view item : split(text, ',')) {
      const auto at = item.find('=');
      if (at == std::string_view::npos || item.find('=', at + 1) != std::string_view::npos)
        return wrong;
      out.emplace_back(trim(item.substr(0, at)), trim(item.substr(at + 1)));
    }
  }
  for (const auto& [from, to] : out)
    if (from.empty() || to.empty() || has_control(from) || has_control(to)) return wrong;
  std::vector<std::string> names;
  for (const auto& [from, to] : out) names.push_back(from);
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) != names.end())
    return Expected("each key to be renamed once");
  return out;
}

Value<std::string> parse_endpoint_method(std::string_view text) {
  return one_of(to_upper(text), kEndpointMethods, "one of GET, POST, PUT, PATCH, DELETE");
}

Value<std::string> parse_backend_method(std::string_view text) {
  return one_of(to_upper(text), kBackendMethods,
                "an HTTP method such as GET, HEAD, POST, PUT, PATCH or DELETE");
}

Value<std::string> parse_scheme(std::string_view text) {
  static constexpr std::array<std::string_view, 2> kSchemes = {"http", "https"};
  return one_of(text, kSchemes, "http or https");
}

Value<std::string> parse_path(std::string_view text) {
  if (!text.starts_with('/') || text.starts_with("//") || has_control(text) ||
      text.find(' ') != std::string_view::npos)
    return Expected("a path that begins with one slash");
  return std::string(text);
}

Value<std::string> parse_endpoint_path(std::string_view text) {
  bool open = false;
  for (const char c : text) {
    if (c != '{' && c != '}') continue;
    if (open == (c == '{')) return Expected("a path with its braces in pairs, such as /users/{id}");
    open = !open;
  }
  if (open) return Expected("a path with its braces in pairs, such as /users/{id}");
  return parse_path(text);
}

Value<std::string> parse_object_name(std::string_view text) {
  if (!is_dns_name(text)) return Expected("a name of lower-case letters, digits, - and .");
  return std::string(text);
}

Value<std::string> parse_host_name(std::string_view text) {
  std::string name = to_lower(text);
  const auto labels = split(name, '.');
  // A last label of digits is an address (RFC 1123, 2.1).
  if (!is_dns_name(name) || is_number(labels.back()))
    return Expected("a host name such as shop.example.com, without scheme, port or path");
  return name;
}

Value<std::string> parse_host_pattern(std::string_view text) {
  if (!text.starts_with("*.")) {
    if (text.find('*') != std::string_view::npos)
      return Expected("host names; a wildcard stands for the first label: *.example.com");
    return parse_host_name(text);
  }
  auto rest = parse_host_name(text.substr(2));
  if (rest) rest->insert(0, "*.");
  return rest;
}

Value<std::vector<std::string>> parse_host_patterns(std::string_view text) {
  auto hosts = parse_list(text);
  if (!hosts) return hosts;
  for (std::string& host : *hosts) {
    auto parsed = parse_host_pattern(host);
    if (!parsed) return Expected(std::move(parsed.error()));
    host = std::move(*parsed);
  }
  std::ranges::sort(*hosts);
  hosts->erase(std::ranges::unique(*hosts).begin(), hosts->end());
  if (hosts->size() > kMaxHostnames)
    return Expected("at most " + std::to_string(kMaxHostnames) + " host names");
  return hosts;
}

Value<std::string> parse_host_header(std::string_view text) {
  const Expected wrong("preserve, or a host name with an optional port");
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (!is_number(port) || port.size() > 5 || parse_integer(port).value_or(0) < 1 ||
        *parse_integer(port) > 65535)
      return wrong;
  }
  if (!is_dns_name(to_lower(text.substr(0, colon)))) return wrong;
  return std::string(text);
}

Value<std::vector<std::string>> parse_namespaces(std::string_view text) {
  auto names = parse_list(text);
  if (names && !std::ranges::all_of(*names, is_label))
    return Expected("names of namespaces (there is no *)");
  return names;
}

Value<std::string> parse_output_encoding(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "json", "json-collection", "string", "xml", "yaml", "negotiate", "fast-json", "no-op"};
  return one_of(text, kNames, known(kNames));
}

Value<std::string> parse_input_encoding(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kNames = {"json", "safejson",  "string", "xml",
                                                             "rss",  "fast-json", "no-op"};
  // What KrakenD reads as JSON all the same.
  if (text == "yaml") return Expected(known(kNames) + " (this encoding is not supported yet)");
  return one_of(text, kNames, known(kNames));
}

std::string in_quotes(std::string_view text) {
  std::string out = cut_utf8(text, 80, "...");
  for (char& c : out)
    if (has_control({&c, 1})) c = ' ';
  return '"' + out + '"';
}

}  // namespace ropewalk::controller
