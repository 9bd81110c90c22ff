#include "dataplane/filters/ratelimit/settings.h"

#include "common/json/value.h"

namespace ropewalk::ratelimit {
namespace {

std::optional<Rate> rate_of(const json::Value& block) {
  const json::Value* interval = block.find("interval_ns");
  const json::Value* burst = block.find("burst");
  if (!interval || !burst) return std::nullopt;
  const auto nanoseconds = interval->as_integer();
  const auto tokens = burst->as_integer();
  if (!nanoseconds || !tokens || *nanoseconds < 1 || *tokens < 1) return std::nullopt;
  return Rate::of(*nanoseconds, *tokens);
}

std::optional<Strategy> strategy_of(std::string_view name) {
  if (name == "ip") return Strategy::ip;
  if (name == "header") return Strategy::header;
  if (name == "param") return Strategy::param;
  return std::nullopt;
}

std::optional<ClientLimit> client_of(const json::Value& block) {
  const json::Value* strategy = block.find("strategy");
  const json::Value* key = block.find("key");
  const auto rate = rate_of(block);
  if (!rate || !strategy || !strategy->is_string() || !key || !key->is_string())
    return std::nullopt;
  const auto known = strategy_of(strategy->string());
  if (!known) return std::nullopt;
  return ClientLimit{*rate, *known, key->string()};
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
  const auto document = json::parse(text);
  if (!document || !document->is_object()) return fail(Kind::config, "expected an object");
  Settings out;
  for (const auto& [key, value] : document->members()) {
    bool understood = false;
    if (key == "all") {
      out.all = rate_of(value);
      understood = out.all.has_value();
    } else if (key == "client") {
      out.client = client_of(value);
      understood = out.client.has_value();
    } else if (key == "headers" && value.is_boolean()) {
      out.headers = value.boolean();
      understood = true;
    }
    if (!understood) return fail(Kind::config, "cannot use " + key);
  }
  return out;
}

}  // namespace ropewalk::ratelimit
