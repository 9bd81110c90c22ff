// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/auth/api_keys.h"
#include "dataplane/filters/auth/basic.h"
#include "dataplane/filters/auth/client_credentials.h"
#include "dataplane/filters/auth/revoker.h"
#include "dataplane/filters/auth/signer.h"
#include "dataplane/filters/auth/validator.h"
#include "dataplane/filters/validation/cel.h"
#include "dataplane/filters/validation/json_schema.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

// Within a stage from the client towards the backend (krakend-features.md section 0).
constexpr auto kFactories = std::to_array<Factory>({
    // gates of the service
    {"auth/revoker", Level::service, Stage::service_gate, auth::make_revoker, nullptr},
    // gates of an endpoint
    {"auth/api-keys", Level::endpoint, Stage::endpoint_gate, auth::make_api_keys, nullptr},
    {"auth/basic", Level::endpoint, Stage::endpoint_gate, auth::make_basic, nullptr},
    {"auth/validator", Level::endpoint, Stage::endpoint_gate, auth::make_validator, nullptr},
    {"validation/cel", Level::endpoint, Stage::endpoint_gate, filters::make_cel_of_token, nullptr},
    {"auth/signer", Level::endpoint, Stage::endpoint_gate, auth::make_signer_gate, nullptr},
    // around an endpoint's backends
    {"auth/signer", Level::endpoint, Stage::proxy, nullptr, auth::make_signer},
    {"validation/cel", Level::endpoint, Stage::proxy, nullptr, filters::make_cel},
    {"validation/json-schema", Level::endpoint, Stage::proxy, nullptr, filters::make_json_schema},
    // around one backend
    {"validation/cel", Level::backend, Stage::backend, nullptr, filters::make_cel},
    // around the call of a backend
    {"auth/client-credentials", Level::backend, Stage::client, nullptr,
     auth::make_client_credentials},
});

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
