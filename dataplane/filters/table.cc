// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

// Within a stage from the client towards the backend (krakend-features.md section 0).
constexpr std::array<Factory, 0> kFactories{};

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
