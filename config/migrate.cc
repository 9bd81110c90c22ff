#include "config/migrate.h"

#include "config/document.h"
#include "config/reader.h"
#include "config/registry.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ropewalk::config {
namespace {

using nlohmann::ordered_json;

constexpr auto kRenamed = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"headers_to_pass", "input_headers"},
    {"querystring_params", "input_query_strings"},
    {"whitelist", "allow"},
    {"allowlist", "allow"},
    {"blacklist", "deny"},
    {"denylist", "deny"},
    {"propagate-claims", "propagate_claims"},
    {"jwk-url", "jwk_url"},
    {"keys-to-sign", "keys_to_sign"},
    {"maxErrors", "max_errors"},
    {"logStatusChange", "log_status_change"},
    {"cacheSize", "cache_size"},
    {"maxRate", "max_rate"},
    {"clientMaxRate", "client_max_rate"},
    {"HashName", "hash_name"},
    {"TokenKeys", "token_keys"},
});

// Long names that version 3 has no alias for, or spells another way.
constexpr auto kComponents = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"devopsfaith/krakend-ratelimit/juju/router", "qos/ratelimit/router"},
    {"devopsfaith/krakend-ratelimit/juju/proxy", "qos/ratelimit/proxy"},
    {"devopsfaith/krakend/http", "backend/http"},
    {"devopsfaith/krakend-lua/router", "modifier/lua-endpoint"},
    {"devopsfaith/krakend/router/gin", "router"},
});

constexpr auto kDropped =
    std::to_array<std::string_view>({"devopsfaith/krakend-etcd", "devopsfaith/krakend-consul"});

std::string_view without_forge(std::string_view name) {
  if (name.starts_with("github.com/") || name.starts_with("github_com/")) name.remove_prefix(11);
  return name;
}

bool dropped(std::string_view name) {
  return name != without_forge(name) &&
         std::ranges::find(kDropped, without_forge(name)) != kDropped.end();
}

std::string component(const std::string& name) {
  if (const Namespace* space = find_namespace(name)) return std::string(space->name);
  const std::string_view bare = without_forge(name);
  if (bare == name) return name;
  for (const auto& [old, now] : kComponents)
    if (old == bare) return std::string(now);
  // "github.com/" where the alias is spelled "github_com/", and the reverse.
  for (const std::string_view forge : {"github.com/", "github_com/"})
    if (const Namespace* space = find_namespace(std::string(forge) + std::string(bare)))
      return std::string(space->name);
  return name;
}

class Migration {
 public:
  std::vector<std::string> notes;
  std::string problem;  // the first

  // Keys of the document's own; what users name themselves (mapping, static data) stays.
  void object(ordered_json& value, const std::string& path, int depth) {
    if (depth > kMaxNesting) return;
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) object(value[i], child(path, i), depth + 1);
      return;
    }
    if (!value.is_object()) return;
    ordered_json out = ordered_json::object();
    for (auto it = value.begin(); it != value.end(); ++it) {
      const std::string& key = it.key();
      const std::string at = child(path, key);
      std::string name = key;
      if (const std::string_view now = renamed_key(key); !now.empty()) {
        name = now;
        notes.push_back(at + ": now " + name);
      }
      if (key == "extra_config")
        components(*it, at, depth + 1);
      else if (!theirs(key) && !comment(key))
        object(*it, at, depth + 1);
      put(out, name, std::move(*it), at);
    }
    value = std::move(out);
  }

  // Under two names, an old one at least: lists become one.
  void put(ordered_json& out, const std::string& name, ordered_json value, const std::string& at) {
    const auto known = out.find(name);
    if (known == out.end()) {
      out[name] = std::move(value);
    } else if (known->is_array() && value.is_array()) {
      for (ordered_json& entry : value)
        if (std::ranges::find(*known, entry) == known->end()) known->push_back(std::move(entry));
    } else if (*known != value && problem.empty()) {
      problem = at + ": " + name + " is given under two names, with different values";
    }
  }

  static bool theirs(std::string_view key) {
    return key == "mapping" || key == "data" || key == "endpoint_params" || key == "properties";
  }

  void components(ordered_json& extra, const std::string& path, int depth) {
    if (!extra.is_object()) return;
    ordered_json out = ordered_json::object();
    for (auto it = extra.begin(); it != extra.end(); ++it) {
      const std::string at = child(path, it.key());
      if (dropped(it.key())) {
        notes.push_back(at + ": dropped, it exists no more");
        continue;
      }
      const std::string name = component(it.key());
      if (name != it.key()) {
        if (extra.contains(name)) {
          notes.push_back(at + ": dropped, " + name + " is given as well");
          continue;
        }
        notes.push_back(at + ": now " + name);
      } else if (!find_namespace(name) && !comment(name)) {
        notes.push_back(at + ": unknown, left as it is");
      }
      // The names in a schema are those of the bodies.
      if (!name.starts_with("validation/") || name == "validation/cel") object(*it, at, depth + 1);
      out[name] = std::move(*it);
    }
    extra = std::move(out);
  }
};

// A version-2 breaker or limiter counts in the same units; only names changed.
Result<ordered_json> read(std::string_view text, Syntax syntax, const std::string& name) {
  if (syntax == Syntax::json) {
    // The strict reader first: its errors have places and bounds.
    if (auto checked = parse_json(text, name); !checked) return std::unexpected(checked.error());
    ordered_json document = ordered_json::parse(text, nullptr, false);
    if (!document.is_discarded()) return document;
  }
  auto document = syntax == Syntax::yaml   ? parse_yaml(text, name)
                  : syntax == Syntax::toml ? parse_toml(text, name)
                                           : parse_json(text, name);
  if (!document) return std::unexpected(document.error());
  return ordered_json(*document);
}

}  // namespace

std::string_view renamed_key(std::string_view key) {
  const auto found =
      std::ranges::find(kRenamed, key, &std::pair<std::string_view, std::string_view>::first);
  return found == kRenamed.end() ? std::string_view() : found->second;
}

Result<Migrated> migrate(std::string_view text, Syntax syntax, const std::string& name) {
  auto document = read(text, syntax, name);
  if (!document) return std::unexpected(document.error());
  if (!document->is_object()) return fail(Kind::config, name + ": expected an object");
  Migration migration;
  migration.object(*document, "", 0);
  if (!migration.problem.empty()) return fail(Kind::config, name + ": " + migration.problem);
  ordered_json out = ordered_json::object();
  out["version"] = 3;
  for (auto it = document->begin(); it != document->end(); ++it)
    if (it.key() != "version") out[it.key()] = std::move(*it);
  return Migrated{out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n",
                  std::move(migration.notes)};
}

}  // namespace ropewalk::config
