// qos/http-cache of a backend. What is wrong is refused (strict.h).
//
// Text in the model: {"shared":true} or {"max_items":10,"max_size":100000}; {} for a cache of its
// own without limits of its own.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

std::string read_http_cache(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
