// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/lua/lua.h"
#include "dataplane/filters/martian/martian.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

// Within a stage from the client towards the backend (krakend-features.md section 0).
// clang-format off
constexpr auto kFactories = std::to_array<Factory>({
    // service gates
    {.space = "modifier/lua-endpoint", .level = Level::service, .stage = Stage::service_gate, .gate = lua::make_gate},
    // endpoint gates
    {.space = "modifier/lua-endpoint", .level = Level::endpoint, .stage = Stage::endpoint_gate, .gate = lua::make_gate},
    // proxy
    {.space = "modifier/lua-proxy", .level = Level::endpoint, .stage = Stage::proxy, .filter = lua::make_filter},
    // backend
    {.space = "modifier/lua-backend", .level = Level::backend, .stage = Stage::backend, .filter = lua::make_filter},
    // client
    {.space = "modifier/martian", .level = Level::backend, .stage = Stage::client, .filter = martian::make_filter},
});
// clang-format on

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
