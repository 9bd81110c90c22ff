#include "config/extra/auth_validator.h"

#include "common/jose/algorithm.h"
#include "common/strings.h"
#include "config/duration.h"
#include "config/extra/jwk_source.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostSeconds = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kDefaultCacheSeconds = 900;
constexpr std::int64_t kMs = 1'000'000;

bool field_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// Below one second and what is no duration does not count, as in KrakenD.
std::int64_t at_least_a_second(StrictReader& reader, std::string_view key, std::int64_t fallback_ms,
                               std::string_view instead) {
  const std::string text = reader.text(key);
  if (text.empty()) return fallback_ms;
  const auto parsed = parse_duration(text);
  if (parsed && *parsed >= 1000 * kMs) return *parsed / kMs;
  reader.warn(key, "expected a duration of at least 1s such as 5s; " + std::string(instead));
  return fallback_ms;
}

void read_propagation(StrictReader& reader, json& out) {
  const json* pairs = reader.find("propagate_claims");
  out["preserve_array"] = reader.flag("propagate_claims_preserve_array");
  if (!pairs) return;
  const auto is_pair = [](const json& pair) {
    return pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string();
  };
  if (!pairs->is_array()) {
    reader.refuse_value("propagate_claims", "a list of pairs [claim, header]", *pairs);
    return;
  }
  if (const auto wrong = std::ranges::find_if_not(*pairs, is_pair); wrong != pairs->end()) {
    const auto place = static_cast<std::size_t>(wrong - pairs->begin());
    reader.diagnostics().refuse(child(reader.path_of("propagate_claims"), place),
                                "expected a pair of texts [claim, header], got " + shown(*wrong));
    return;
  }
  for (const json& pair : *pairs)
    if (!field_name(pair[1].get_ref<const std::string&>()))
      reader.refuse_value("propagate_claims", "the name of a header", pair[1]);
  out["propagate"] = *pairs;
}

void read_conditions(StrictReader& reader, json& out) {
  out["issuer"] = reader.text("issuer");
  out["audience"] = reader.texts("audience");
  out["leeway_ms"] = at_least_a_second(reader, "leeway", 1000, "1s is used");
  out["roles"] = reader.texts("roles");
  const std::string roles_key = reader.text("roles_key");
  out["roles_key"] = roles_key.empty() ? "roles" : roles_key;
  out["roles_nested"] = reader.flag("roles_key_is_nested");
  const auto scopes = reader.texts("scopes");
  const std::string scopes_key = reader.text("scopes_key");
  const std::string matcher = reader.text("scopes_matcher");
  if (!scopes.empty() && scopes_key.empty())
    reader.warn("scopes", "no effect without scopes_key: no scope is checked");
  if (!matcher.empty() && matcher != "all" && matcher != "any")
    reader.warn("scopes_matcher", "expected all or any; any is used");
  out["scopes"] = scopes_key.empty() ? std::vector<std::string>() : scopes;
  out["scopes_key"] = scopes_key;
  out["scopes_all"] = matcher == "all";
}

void read_cache(StrictReader& reader, const JwkSource& source, json& out) {
  const bool cache = reader.flag("cache");
  const std::uint64_t seconds = reader.whole("cache_duration", kMostSeconds);
  if (cache && source.local)
    reader.refuse("cache", "has no meaning for keys of a file: leave it out with jwk_local_path");
  out["cache"] = cache;
  out["cache_s"] = seconds == 0 ? kDefaultCacheSeconds : seconds;
  out["cooldown_ms"] = at_least_a_second(reader, "failed_jwk_key_cooldown", 0, "it is off");
}

void read_places(StrictReader& reader, json& out) {
  const std::string header = reader.text("auth_header_name");
  const std::string cookie = reader.text("cookie_key");
  if (!header.empty() && !field_name(header))
    reader.refuse("auth_header_name", "expected the name of a header, got " + shown(json(header)));
  out["header"] = header.empty() ? "Authorization" : header;
  out["cookie"] = cookie.empty() ? "access_token" : cookie;
}

}  // namespace

std::string read_validator(const ExtraValue& extra, Files* files, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  json out = json::object();
  const std::string alg = reader.text("alg");
  if (!jose::parse_algorithm(alg))
    reader.refuse("alg",
                  "expected " + std::string(jose::algorithm_names()) + ", got " + shown(json(alg)));
  out["alg"] = alg;
  const JwkSource source = read_jwk_source(reader, files, out);
  read_cache(reader, source, out);
  const std::string strategy = reader.text("key_identify_strategy");
  constexpr std::array<std::string_view, 5> kStrategies{"", "kid", "x5t", "x5t#S256", "kid_x5t"};
  if (std::ranges::find(kStrategies, strategy) == kStrategies.end())
    reader.warn("key_identify_strategy", "expected kid, x5t, x5t#S256 or kid_x5t; kid is used");
  out["strategy"] = strategy;
  read_conditions(reader, out);
  read_places(reader, out);
  read_propagation(reader, out);
  out["debug"] = reader.flag("operation_debug");
  reader.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string read_shared_key_cache(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  const std::uint64_t seconds = reader.whole("shared_cache_duration", kMostSeconds);
  reader.finish();
  return json{{"shared_s", seconds == 0 ? kDefaultCacheSeconds : seconds}}.dump();
}

}  // namespace ropewalk::config
