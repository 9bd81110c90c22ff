// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/circuit_breaker/circuit_breaker.h"
#include "dataplane/filters/http_cache/http_cache.h"
#include "dataplane/filters/ratelimit/ratelimit.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

// Within a stage from the client towards the backend (krakend-features.md section 0).
// clang-format off
constexpr auto kFactories = std::to_array<Factory>({
    {"qos/ratelimit/service", Level::service, Stage::service_gate, ratelimit::make_service_limit},
    {"qos/ratelimit/router", Level::endpoint, Stage::endpoint_gate, ratelimit::make_router_limit},
    {"qos/circuit-breaker", Level::backend, Stage::backend, nullptr, circuit_breaker::make_circuit_breaker},
    {"qos/ratelimit/proxy", Level::backend, Stage::backend, nullptr, ratelimit::make_backend_limit},
    {"qos/http-cache", Level::backend, Stage::client, nullptr, http_cache::make_http_cache},
});
// clang-format on

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
