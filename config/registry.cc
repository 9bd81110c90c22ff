#include "config/registry.h"

#include "common/strings.h"

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

constexpr std::uint8_t S = static_cast<std::uint8_t>(Level::service);
constexpr std::uint8_t E = static_cast<std::uint8_t>(Level::endpoint);
constexpr std::uint8_t B = static_cast<std::uint8_t>(Level::backend);

constexpr auto kProtection = Purpose::protection;
constexpr auto kAnswer = Purpose::answer;
constexpr auto kTransport = Purpose::transport;
constexpr auto kObservation = Purpose::observation;

constexpr bool kBuilt = true;
constexpr bool kMissing = false;

// clang-format off
constexpr auto kTable = std::to_array<Namespace>({
    // listener
    {"ropewalk/limits", "", S, kProtection, Phase::listener, 0, kBuilt},
    {"security/cors", "github_com/devopsfaith/krakend-cors", S, kAnswer, Phase::listener, 10, kBuilt},
    {"plugin/http-server", "github_com/devopsfaith/krakend/transport/http/server/handler", S, kProtection, Phase::listener, 20, kBuilt},
    {"server/virtualhost", "", S, kAnswer, Phase::listener, 30, kMissing},
    {"server/static-filesystem", "", S, kAnswer, Phase::listener, 40, kMissing},
    {"ai/mcp", "", S | E, kTransport, Phase::listener, 50, kMissing},
    {"grpc", "", S, kTransport, Phase::listener, 60, kMissing},
    // before the route is known
    {"router", "github_com/luraproject/lura/router/gin", S, kAnswer, Phase::router, 0, kBuilt},
    {"ropewalk/status", "", S, kAnswer, Phase::router, 1, kBuilt},
    {"qos/ratelimit/service", "", S, kProtection, Phase::router, 10, kBuilt},
    {"qos/ratelimit/service/redis", "", S, kProtection, Phase::router, 11, kMissing},
    {"redis", "", S, kProtection, Phase::router, 12, kMissing},
    {"governance/processors", "", S, kProtection, Phase::router, 13, kMissing},
    {"security/http", "github_com/devopsfaith/krakend-httpsecure", S | E, kProtection, Phase::router, 20, kBuilt},
    // endpoint chain
    {"security/bot-detector", "github_com/devopsfaith/krakend-botdetector", S | E, kProtection, Phase::endpoint, 0, kBuilt},
    {"auth/revoker", "github_com/devopsfaith/bloomfilter", S, kProtection, Phase::endpoint, 10, kBuilt},
    {"auth/api-keys", "", S | E, kProtection, Phase::endpoint, 20, kBuilt},
    {"auth/basic", "", S | E, kProtection, Phase::endpoint, 21, kBuilt},
    {"auth/validator", "github.com/devopsfaith/krakend-jose/validator", S | E, kProtection, Phase::endpoint, 30, kBuilt},
    {"auth/signer", "github.com/devopsfaith/krakend-jose/signer", E, kProtection, Phase::endpoint, 40, kBuilt},
    {"modifier/lua-endpoint", "github.com/devopsfaith/krakend-lua/router", S | E, kProtection, Phase::endpoint, 50, kBuilt},
    {"qos/ratelimit/router", "", E, kProtection, Phase::endpoint, 60, kBuilt},
    {"qos/ratelimit/router/redis", "", E, kProtection, Phase::endpoint, 61, kMissing},
    {"qos/ratelimit/tiered", "", S | E, kProtection, Phase::endpoint, 62, kMissing},
    {"governance/quota", "", S | E | B, kProtection, Phase::endpoint, 63, kMissing},
    {"websocket", "", E, kTransport, Phase::endpoint, 70, kMissing},
    // proxy chain
    {"modifier/lua-proxy", "github.com/devopsfaith/krakend-lua/proxy", E, kProtection, Phase::proxy, 0, kBuilt},
    {"security/policies", "", E | B, kProtection, Phase::proxy, 10, kMissing},
    {"validation/cel", "github.com/devopsfaith/krakend-cel", E | B, kProtection, Phase::proxy, 20, kBuilt},
    {"validation/json-schema", "github.com/devopsfaith/krakend-jsonschema", E, kProtection, Phase::proxy, 30, kBuilt},
    {"validation/response-json-schema", "", E | B, kProtection, Phase::proxy, 31, kMissing},
    {"proxy", "github.com/devopsfaith/krakend/proxy", E | B, kAnswer, Phase::proxy, 40, kBuilt},
    {"plugin/req-resp-modifier", "github.com/devopsfaith/krakend/proxy/plugin", E, kProtection, Phase::proxy, 50, kBuilt},
    {"plugin/middleware", "", E | B, kProtection, Phase::proxy, 51, kMissing},
    {"modifier/request-body-generator", "", E | B, kProtection, Phase::proxy, 60, kMissing},
    {"modifier/body-generator", "", E | B, kProtection, Phase::proxy, 61, kMissing},
    {"modifier/response-body-generator", "", E | B, kProtection, Phase::proxy, 62, kMissing},
    {"modifier/request-body-extractor", "", S | E, kProtection, Phase::proxy, 63, kMissing},
    {"modifier/request-body-extractor/early", "", S | E, kProtection, Phase::proxy, 64, kMissing},
    {"modifier/response-body", "", E | B, kProtection, Phase::proxy, 65, kMissing},
    {"modifier/response-headers", "", S | E, kProtection, Phase::proxy, 66, kBuilt},
    {"modifier/jmespath", "", E | B, kProtection, Phase::proxy, 67, kMissing},
    {"workflow", "", E | B, kAnswer, Phase::proxy, 70, kMissing},
    // backend chain
    {"backend/conditional", "", B, kAnswer, Phase::backend, 0, kMissing},
    {"backend/graphql", "github.com/devopsfaith/krakend/transport/http/client/graphql", B, kTransport, Phase::backend, 10, kMissing},
    {"qos/circuit-breaker", "github.com/devopsfaith/krakend-circuitbreaker/gobreaker", B, kProtection, Phase::backend, 20, kBuilt},
    {"qos/circuit-breaker/http", "", B, kProtection, Phase::backend, 21, kMissing},
    {"qos/ratelimit/proxy", "", B, kProtection, Phase::backend, 30, kBuilt},
    {"modifier/lua-backend", "github.com/devopsfaith/krakend-lua/proxy/backend", B, kProtection, Phase::backend, 40, kBuilt},
    {"backend/lambda", "github.com/devopsfaith/krakend-lambda", B, kTransport, Phase::backend, 50, kMissing},
    {"backend/amqp/consumer", "github.com/devopsfaith/krakend-amqp/consume", B, kTransport, Phase::backend, 60, kMissing},
    {"backend/amqp/producer", "github.com/devopsfaith/krakend-amqp/produce", B, kTransport, Phase::backend, 61, kMissing},
    {"backend/pubsub/publisher", "github.com/devopsfaith/krakend-pubsub/publisher", B, kTransport, Phase::backend, 70, kMissing},
    {"backend/pubsub/subscriber", "github.com/devopsfaith/krakend-pubsub/subscriber", B, kTransport, Phase::backend, 71, kMissing},
    {"backend/pubsub/publisher/kafka", "", B, kTransport, Phase::backend, 72, kMissing},
    {"backend/pubsub/subscriber/kafka", "", B, kTransport, Phase::backend, 73, kMissing},
    {"backend/grpc", "", B, kTransport, Phase::backend, 80, kMissing},
    {"backend/soap", "", B, kTransport, Phase::backend, 81, kMissing},
    {"backend/static-filesystem", "", B, kTransport, Phase::backend, 82, kMissing},
    {"ai/llm", "", B, kTransport, Phase::backend, 83, kMissing},
    {"modifier/martian", "github.com/devopsfaith/krakend-martian", B, kProtection, Phase::backend, 90, kBuilt},
    // the call itself
    {"backend/http", "github.com/devopsfaith/krakend/http", B, kAnswer, Phase::client, 0, kBuilt},
    {"backend/http/client", "", B, kAnswer, Phase::client, 1, kBuilt},
    {"ropewalk/backend", "", B, kProtection, Phase::client, 2, kBuilt},
    {"qos/http-cache", "github.com/devopsfaith/krakend-httpcache", B, kProtection, Phase::client, 10, kBuilt},
    {"auth/client-credentials", "github.com/devopsfaith/krakend-oauth2-clientcredentials", B, kProtection, Phase::client, 20, kBuilt},
    {"auth/gcp", "", B, kProtection, Phase::client, 21, kMissing},
    {"auth/ntlm", "", B, kProtection, Phase::client, 22, kMissing},
    {"auth/aws-sigv4", "", B, kProtection, Phase::client, 23, kMissing},
    {"plugin/http-client", "github.com/devopsfaith/krakend/transport/http/client/executor", B, kProtection, Phase::client, 30, kMissing},
    // no part of a request
    {"async/amqp", "github.com/devopsfaith/krakend-amqp/agent", S, kTransport, Phase::none, 0, kMissing},
    {"async/kafka", "", S, kTransport, Phase::none, 1, kMissing},
    {"telemetry/logging", "github_com/devopsfaith/krakend-gologging", S, kObservation, Phase::none, 10, kBuilt},
    {"telemetry/logstash", "github_com/devopsfaith/krakend-logstash", S, kObservation, Phase::none, 11, kBuilt},
    {"telemetry/gelf", "github_com/devopsfaith/krakend-gelf", S, kObservation, Phase::none, 12, kMissing},
    {"telemetry/metrics", "github_com/devopsfaith/krakend-metrics", S, kObservation, Phase::none, 13, kBuilt},
    {"telemetry/influx", "github_com/letgoapp/krakend-influx", S, kObservation, Phase::none, 14, kMissing},
    {"telemetry/opencensus", "github_com/devopsfaith/krakend-opencensus", S, kObservation, Phase::none, 15, kMissing},
    {"telemetry/opentelemetry", "", S, kObservation, Phase::none, 16, kBuilt},
    {"telemetry/opentelemetry-security", "", S, kObservation, Phase::none, 17, kMissing},
    {"telemetry/moesif", "", S, kObservation, Phase::none, 18, kMissing},
    {"telemetry/newrelic", "", S, kObservation, Phase::none, 19, kMissing},
    {"telemetry/instana", "", S, kObservation, Phase::none, 20, kMissing},
    {"documentation/openapi", "", S | E, kObservation, Phase::none, 30, kMissing},
    {"documentation/postman", "", S | E, kObservation, Phase::none, 31, kMissing},
});
// clang-format on

struct Elsewhere {
  std::string_view name;
  std::uint8_t levels;
};
constexpr auto kElsewhere = std::to_array<Elsewhere>({
    {"plugin/req-resp-modifier", B},
    {"security/cors", E},
    {"telemetry/logging", B},
    {"telemetry/opentelemetry", E | B},
});

// Long names that KrakenD reads no more: whoever has them believes in a limit that is not there.
constexpr std::array<std::string_view, 2> kAbandoned{
    "github.com/devopsfaith/krakend-ratelimit/juju/router",
    "github.com/devopsfaith/krakend-ratelimit/juju/proxy",
};

constexpr std::array<std::string_view, 7> kProtectingFamilies{
    "auth/", "validation/", "security/", "qos/", "governance/", "modifier/", "plugin/"};

// "github.com/x" and "github_com/x" are different names to KrakenD.
std::string other_spelling(std::string_view name) {
  std::string out(name);
  if (out.starts_with("github.com/"))
    out[6] = '_';
  else if (out.starts_with("github_com/"))
    out[6] = '.';
  return out;
}

}  // namespace

std::span<const Namespace> namespaces() { return kTable; }

const Namespace* find_namespace(std::string_view name) {
  const auto found = std::ranges::find_if(kTable, [&](const Namespace& space) {
    return space.name == name || (!space.alias.empty() && space.alias == name);
  });
  return found == kTable.end() ? nullptr : &*found;
}

bool allowed_at(const Namespace& space, Level level) {
  return (space.levels & static_cast<std::uint8_t>(level)) != 0;
}

bool missing_at(const Namespace& space, Level level) {
  return std::ranges::any_of(kElsewhere, [&](const Elsewhere& row) {
    return row.name == space.name && (row.levels & static_cast<std::uint8_t>(level)) != 0;
  });
}

std::string_view to_string(Level level) {
  switch (level) {
    case Level::service:
      return "service";
    case Level::endpoint:
      return "endpoint";
    case Level::backend:
      return "backend";
  }
  return "service";
}

std::string_view nearest_namespace(std::string_view unknown_name) {
  std::vector<std::string_view> names;
  for (const Namespace& space : kTable) names.push_back(space.name);
  return nearest(to_lower(unknown_name), names);
}

bool looks_like_protection(std::string_view unknown_name) {
  if (std::ranges::find(kAbandoned, unknown_name) != kAbandoned.end()) return true;
  const std::string lowered = to_lower(unknown_name);
  if (std::ranges::any_of(kProtectingFamilies,
                          [&](std::string_view family) { return lowered.starts_with(family); }))
    return true;
  const Namespace* same = find_namespace(other_spelling(unknown_name));
  if (!same) same = find_namespace(nearest_namespace(unknown_name));
  return same && same->purpose == Purpose::protection;
}

std::vector<std::string_view> implemented_namespaces() {
  std::vector<std::string_view> out;
  for (const Namespace& space : kTable)
    if (space.implemented) out.push_back(space.name);
  return out;
}

Result<void> check_namespaces(Level level, const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    const Namespace* space = find_namespace(name);
    if (!space || !space->implemented)
      return fail(Kind::config, "extra_config[\"" + std::string(name) + "\"]: this build lacks it");
    if (!allowed_at(*space, level))
      return fail(Kind::config, "extra_config[\"" + std::string(name) +
                                    "\"]: has no effect at the level of a " +
                                    std::string(to_string(level)));
  }
  return {};
}

}  // namespace ropewalk::config
