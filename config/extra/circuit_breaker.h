// qos/circuit-breaker of a backend. A protection: what is wrong is refused (strict.h).
//
// Text in the model: {"interval_s":60,"timeout_s":10,"max_errors":1,"name":"..","log":true}.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// "" when every value is zero or empty, which is off.
std::string read_circuit_breaker(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
