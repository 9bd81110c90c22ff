// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/validation/cel.h"
#include "dataplane/filters/validation/json_schema.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

// Within a stage from the client towards the backend (krakend-features.md section 0).
// clang-format off
constexpr auto kFactories = std::to_array<Factory>({
    // endpoint gates
    {.space = "validation/cel", .level = Level::endpoint, .stage = Stage::endpoint_gate, .gate = filters::make_cel_of_token},
    // proxy
    {.space = "validation/cel", .level = Level::endpoint, .stage = Stage::proxy, .filter = filters::make_cel},
    {.space = "validation/json-schema", .level = Level::endpoint, .stage = Stage::proxy, .filter = filters::make_json_schema},
    // backend
    {.space = "validation/cel", .level = Level::backend, .stage = Stage::backend, .filter = filters::make_cel},
});
// clang-format on

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
