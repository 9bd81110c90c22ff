// Shadow backends (proxy.shadow): they get a copy of the request in the background, nobody waits
// for their answer.
#pragma once

#include "dataplane/proxy/leg.h"

#include <span>
#include <string_view>

namespace ropewalk::proxy {

// Copies what it needs and ends by itself, at the latest after the shadow's timeout.
void start_shadow(WorkerContext& worker, Serving& serving, const compile::EndpointPlan& plan,
                  std::size_t index, backend::Targets& targets, const pipeline::Request& request,
                  const pipeline::Passage& passage, std::span<const std::string_view> values);

}  // namespace ropewalk::proxy
