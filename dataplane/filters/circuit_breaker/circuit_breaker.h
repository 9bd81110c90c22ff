// qos/circuit-breaker around the call of one backend entry: one breaker for all workers.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::circuit_breaker {

Result<std::shared_ptr<const pipeline::Filter>> make_circuit_breaker(const pipeline::Site& site);

}  // namespace ropewalk::circuit_breaker
