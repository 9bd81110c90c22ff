#include "config/extra/auth_api_keys.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// "header", "query_string" or nothing.
std::string read_strategy(StrictReader& reader) {
  std::string out = reader.text("strategy");
  if (!out.empty() && out != "header" && out != "query_string")
    reader.refuse("strategy", "expected header or query_string, got " + shown(json(out)));
  return out;
}

void read_key(const json& entry, const std::string& path, Diagnostics& diagnostics, json& keys) {
  StrictReader reader({&entry, path}, diagnostics, KeyCase::any);
  const std::string key = reader.text("key");
  if (key.empty()) reader.refuse("key", "expected the key as a text");
  keys.push_back({{"key", key}, {"roles", reader.texts("roles")}});
  reader.finish();
}

}  // namespace

std::string read_api_keys(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  json out = json::object();
  const json* list = reader.find("keys");
  json keys = json::array();
  if (!list || !list->is_array()) {
    reader.refuse_value("keys", "a list of keys", list ? *list : json(nullptr));
  } else {
    for (std::size_t i = 0; i < list->size(); ++i)
      read_key((*list)[i], child(reader.path_of("keys"), i), diagnostics, keys);
  }
  out["keys"] = std::move(keys);
  const bool in_query = read_strategy(reader) == "query_string";
  const std::string name = reader.text("identifier");
  out["in_query"] = in_query;
  out["name"] = !name.empty() ? name : in_query ? "key" : "Authorization";
  const std::string hash = reader.text("hash");
  constexpr std::array<std::string_view, 5> kHashes{"", "plain", "fnv128", "sha1", "sha256"};
  if (std::ranges::find(kHashes, hash) == kHashes.end())
    reader.refuse("hash", "expected plain, fnv128, sha1 or sha256, got " + shown(json(hash)));
  out["hash"] = hash.empty() ? "plain" : hash;
  out["salt"] = reader.text("salt");
  out["propagate_role"] = reader.text("propagate_role");
  reader.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string read_api_key_roles(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  json out = json::object();
  const auto roles = reader.texts("roles");
  if (roles.empty()) reader.refuse("roles", "expected the roles that may call, at least one");
  out["roles"] = roles;
  double rate = 0;
  if (const json* value = reader.find("client_max_rate")) {
    if (value->is_number() && value->get<double>() >= 0)
      rate = value->get<double>();
    else
      reader.refuse_value("client_max_rate", "calls per second", *value);
  }
  out["rate"] = rate;
  const std::string strategy = read_strategy(reader);
  const std::string name = reader.text("identifier");
  if (!strategy.empty()) out["in_query"] = strategy == "query_string";
  if (!name.empty())
    out["name"] = name;
  else if (!strategy.empty())
    out["name"] = strategy == "query_string" ? "key" : "Authorization";
  reader.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
