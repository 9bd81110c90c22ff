// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/auth/api_keys.h"
#include "dataplane/filters/auth/basic.h"
#include "dataplane/filters/auth/client_credentials.h"
#include "dataplane/filters/auth/revoker.h"
#include "dataplane/filters/auth/signer.h"
#include "dataplane/filters/auth/validator.h"
#include "dataplane/filters/lua/lua.h"
#include "dataplane/filters/martian/martian.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

// Within a stage from the client towards the backend (krakend-features.md section 0).
constexpr auto kFactories = std::to_array<Factory>({
    // gates of the service
    {"modifier/lua-endpoint", Level::service, Stage::service_gate, lua::make_gate, nullptr},
    {"auth/revoker", Level::service, Stage::service_gate, auth::make_revoker, nullptr},
    // gates of an endpoint
    {"auth/api-keys", Level::endpoint, Stage::endpoint_gate, auth::make_api_keys, nullptr},
    {"auth/basic", Level::endpoint, Stage::endpoint_gate, auth::make_basic, nullptr},
    {"auth/validator", Level::endpoint, Stage::endpoint_gate, auth::make_validator, nullptr},
    {"auth/signer", Level::endpoint, Stage::endpoint_gate, auth::make_signer_gate, nullptr},
    {"modifier/lua-endpoint", Level::endpoint, Stage::endpoint_gate, lua::make_gate, nullptr},
    // around an endpoint's backends
    {"auth/signer", Level::endpoint, Stage::proxy, nullptr, auth::make_signer},
    {"modifier/lua-proxy", Level::endpoint, Stage::proxy, nullptr, lua::make_filter},
    // around the call of a backend
    {"modifier/lua-backend", Level::backend, Stage::backend, nullptr, lua::make_filter},
    {"modifier/martian", Level::backend, Stage::client, nullptr, martian::make_filter},
    {"auth/client-credentials", Level::backend, Stage::client, nullptr,
     auth::make_client_credentials},
});

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
