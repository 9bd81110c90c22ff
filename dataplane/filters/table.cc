// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/auth/api_keys.h"
#include "dataplane/filters/auth/basic.h"
#include "dataplane/filters/auth/client_credentials.h"
#include "dataplane/filters/auth/revoker.h"
#include "dataplane/filters/auth/signer.h"
#include "dataplane/filters/auth/validator.h"
#include "dataplane/filters/bot_detector/bot_detector.h"
#include "dataplane/filters/circuit_breaker/circuit_breaker.h"
#include "dataplane/filters/cors/cors.h"
#include "dataplane/filters/http_cache/http_cache.h"
#include "dataplane/filters/ip_filter/ip_filter.h"
#include "dataplane/filters/lua/lua.h"
#include "dataplane/filters/martian/martian.h"
#include "dataplane/filters/ratelimit/ratelimit.h"
#include "dataplane/filters/response_headers/response_headers.h"
#include "dataplane/filters/security_http/security_http.h"
#include "dataplane/filters/validation/cel.h"
#include "dataplane/filters/validation/json_schema.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

// Within a stage from the client towards the backend.
// clang-format off
constexpr auto kFactories = std::to_array<Factory>({
    // gates of the service; those that cover everything first
    {"security/cors", Level::service, Stage::service_gate, filters::make_cors, nullptr},
    {"plugin/http-server", Level::service, Stage::service_gate, filters::make_ip_filter, nullptr},
    {"modifier/response-headers", Level::service, Stage::service_gate, filters::make_response_headers, nullptr},
    {"qos/ratelimit/service", Level::service, Stage::service_gate, ratelimit::make_service_limit, nullptr},
    {"security/http", Level::service, Stage::service_gate, filters::make_security_http, nullptr},
    {"modifier/lua-endpoint", Level::service, Stage::service_gate, lua::make_gate, nullptr},
    {"security/bot-detector", Level::service, Stage::service_gate, filters::make_bot_detector, nullptr},
    {"auth/revoker", Level::service, Stage::service_gate, auth::make_revoker, nullptr},
    // gates of an endpoint
    {"modifier/response-headers", Level::endpoint, Stage::endpoint_gate, filters::make_response_headers, nullptr},
    {"plugin/req-resp-modifier", Level::endpoint, Stage::endpoint_gate, filters::make_ip_filter, nullptr},
    {"security/http", Level::endpoint, Stage::endpoint_gate, filters::make_security_http, nullptr},
    {"security/bot-detector", Level::endpoint, Stage::endpoint_gate, filters::make_bot_detector, nullptr},
    {"auth/api-keys", Level::endpoint, Stage::endpoint_gate, auth::make_api_keys, nullptr},
    {"auth/basic", Level::endpoint, Stage::endpoint_gate, auth::make_basic, nullptr},
    {"auth/validator", Level::endpoint, Stage::endpoint_gate, auth::make_validator, nullptr},
    {"auth/signer", Level::endpoint, Stage::endpoint_gate, auth::make_signer_gate, nullptr},
    {"validation/cel", Level::endpoint, Stage::endpoint_gate, filters::make_cel_of_token, nullptr},
    {"modifier/lua-endpoint", Level::endpoint, Stage::endpoint_gate, lua::make_gate, nullptr},
    {"qos/ratelimit/router", Level::endpoint, Stage::endpoint_gate, ratelimit::make_router_limit, nullptr},
    // around an endpoint's backends
    {"auth/signer", Level::endpoint, Stage::proxy, nullptr, auth::make_signer},
    {"modifier/lua-proxy", Level::endpoint, Stage::proxy, nullptr, lua::make_filter},
    {"validation/cel", Level::endpoint, Stage::proxy, nullptr, filters::make_cel},
    {"validation/json-schema", Level::endpoint, Stage::proxy, nullptr, filters::make_json_schema},
    // around one backend
    {"qos/circuit-breaker", Level::backend, Stage::backend, nullptr, circuit_breaker::make_circuit_breaker},
    {"qos/ratelimit/proxy", Level::backend, Stage::backend, nullptr, ratelimit::make_backend_limit},
    {"modifier/lua-backend", Level::backend, Stage::backend, nullptr, lua::make_filter},
    {"validation/cel", Level::backend, Stage::backend, nullptr, filters::make_cel},
    // around the call of a backend
    {"modifier/martian", Level::backend, Stage::client, nullptr, martian::make_filter},
    {"qos/http-cache", Level::backend, Stage::client, nullptr, http_cache::make_http_cache},
    {"auth/client-credentials", Level::backend, Stage::client, nullptr, auth::make_client_credentials},
});
// clang-format on

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
