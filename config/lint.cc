#include "config/lint.h"

#include "common/strings.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace ropewalk::config {
namespace {

using nlohmann::json;

bool safe(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

bool in_sequence(const json& endpoint) {
  if (!endpoint.is_object()) return false;
  const auto extra = endpoint.find("extra_config");
  if (extra == endpoint.end() || !extra->is_object()) return false;
  const auto proxy = extra->find("proxy");
  if (proxy == extra->end() || !proxy->is_object()) return false;
  const auto sequential = proxy->find("sequential");
  const auto strategy = proxy->find("strategy");
  if (strategy != proxy->end() && strategy->is_string()) return *strategy == "sequential";
  return sequential != proxy->end() && *sequential == true;
}

constexpr auto kShaping = std::to_array<std::string_view>(
    {"allow", "deny", "mapping", "group", "target", "is_collection"});

const json* member(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  for (auto it = object.begin(); it != object.end(); ++it)
    if (iequals(it.key(), key)) return switched_off(*it) ? nullptr : &*it;
  return nullptr;
}

class NoEffect {
 public:
  NoEffect(const ParsedEndpoint& endpoint, const std::string& path, Diagnostics& diagnostics)
      : endpoint_(endpoint.endpoint), path_(path), diagnostics_(diagnostics) {}

  void of_endpoint(const json& object) {
    if (passes_through() && member(object, "cache_ttl"))
      warn(path_, "cache_ttl", "no effect: a no-op answer is passed as it is");
  }

  // `before`: how many backends of the sequence are asked before this one.
  void of_backend(const ParsedBackend& backend, const json& object, std::size_t before) {
    if (passes_through()) {
      for (const std::string_view key : kShaping)
        if (member(object, key))
          warn(backend.path, key, "no effect: a no-op answer is passed as it is");
    } else if (reshapes(backend, object)) {
      for (const std::string_view key : {"allow", "deny", "mapping"})
        if (member(object, key))
          warn(backend.path, key, "no effect: flatmap_filter takes its place");
    }
    of_headers(backend);
    if (const json* pattern = member(object, "url_pattern"); pattern && pattern->is_string())
      of_pattern(backend, pattern->get_ref<const std::string&>(), before);
  }

 private:
  bool passes_through() const { return endpoint_.output_encoding() == v1::ENCODING_NO_OP; }

  static bool reshapes(const ParsedBackend& backend, const json& object) {
    const json* extra = member(object, "extra_config");
    const json* proxy = extra ? member(*extra, "proxy") : nullptr;
    return proxy && member(*proxy, "flatmap_filter") &&
           backend.backend.extra_config().contains("proxy");
  }

  // Scripts of the endpoint may set any header before a backend's list is looked at.
  bool lets_through(const std::string& name) const {
    const auto listed = [&](std::string_view known) {
      return known == "*" || iequals(known, name);
    };
    if (std::ranges::any_of(endpoint_.input_headers(), listed)) return true;
    for (const char* script : {"modifier/lua-endpoint", "modifier/lua-proxy", "auth/api-keys"})
      if (endpoint_.extra_config().contains(script)) return true;
    for (const char* always :
         {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Via", "User-Agent"})
      if (iequals(name, always)) return true;
    return endpoint_.input_headers().empty() && iequals(name, "Content-Type");
  }

  void of_headers(const ParsedBackend& backend) {
    for (int i = 0; i < backend.backend.input_headers_size(); ++i)
      if (!lets_through(backend.backend.input_headers(i)))
        diagnostics_.warn(child(child(backend.path, "input_headers"), static_cast<std::size_t>(i)),
                          "no effect: input_headers of the endpoint does not let it through");
  }

  void of_pattern(const ParsedBackend& backend, std::string_view pattern, std::size_t before) {
    for (auto at = pattern.find('{'); at != std::string_view::npos;
         at = pattern.find('{', at + 1)) {
      const std::string_view name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
      if (name.starts_with("JWT.") && !endpoint_.extra_config().contains("auth/validator"))
        warn(backend.path, "url_pattern",
             "{" + std::string(name) + "} has no value: the endpoint has no auth/validator");
      if (!name.starts_with("resp")) continue;
      std::size_t number = 0;
      const auto [end, error] = std::from_chars(name.data() + 4, name.data() + name.size(), number);
      if (error != std::errc{} || end == name.data() + name.size() || *end != '_') continue;
      // A parameter of the endpoint may have such a name.
      if (endpoint_.path().find("{" + std::string(name) + "}") != std::string::npos) continue;
      if (!endpoint_.sequential())
        warn(backend.path, "url_pattern",
             "{" + std::string(name) + "} has no value: the endpoint is not sequential");
      else if (number >= before)
        warn(backend.path, "url_pattern",
             "{" + std::string(name) + "} has no value: no such backend answers before this one");
    }
  }

  void warn(const std::string& path, std::string_view key, std::string message) {
    diagnostics_.warn(child(path, key), std::move(message));
  }

  const v1::Endpoint& endpoint_;
  const std::string& path_;
  Diagnostics& diagnostics_;
};

}  // namespace

void warn_of_no_effect(const ParsedEndpoint& endpoint, const json& object, const std::string& path,
                       Diagnostics& diagnostics) {
  NoEffect lint(endpoint, path, diagnostics);
  lint.of_endpoint(object);
  const json* backends = member(object, "backend");
  if (!backends) return;
  std::size_t before = 0;  // shadows do not count
  for (std::size_t i = 0; i < endpoint.backends.size(); ++i) {
    if (backends->is_array() && i >= backends->size()) return;
    const ParsedBackend& backend = endpoint.backends[i];
    lint.of_backend(backend, backends->is_array() ? (*backends)[i] : *backends, before);
    if (!backend.backend.shadow()) ++before;
  }
}

void warn_of_short_timeout(Reader& reader, std::string_view key) {
  constexpr std::int64_t kLeast = 1'000'000;
  const json* value = reader.find(key);
  const std::int64_t time = value ? reader.duration(key) : 0;
  if (time == 0 || (time >= kLeast && value->is_string())) return;
  Diagnostics& diagnostics = reader.diagnostics();
  constexpr const char* kNumber = "a number counts nanoseconds: write a duration such as 300ms";
  if (value->is_string())
    diagnostics.warn(reader.path_of(key), "under a millisecond: nothing answers in time");
  else if (time < kLeast)
    diagnostics.warn(reader.path_of(key), kNumber);
  else
    diagnostics.advise(reader.path_of(key), kNumber);
}

void warn_of_writes(const ParsedEndpoint& endpoint, const json& object, const std::string& path,
                    Diagnostics& diagnostics) {
  // Nobody waits for a shadow, and what becomes of it changes nothing.
  std::vector<const ParsedBackend*> writes;
  const ParsedBackend* last = nullptr;
  for (const ParsedBackend& backend : endpoint.backends) {
    if (backend.backend.shadow()) continue;
    last = &backend;
    if (!safe(backend.backend.method())) writes.push_back(&backend);
  }
  if (writes.size() > 1) {
    diagnostics.advise(child(path, "backend"),
                       std::to_string(writes.size()) +
                           " backends are called with a method that changes something: when one "
                           "fails, what the others did stays");
  } else if (writes.size() == 1 && in_sequence(object) && writes[0] != last) {
    diagnostics.advise(
        writes[0]->path,
        "changes something and is not the last of its sequence: when a later backend "
        "fails, what it did stays");
  }
}

}  // namespace ropewalk::config
