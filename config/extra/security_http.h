// extra_config."security/http" of the service or of an endpoint: hosts that may be asked for, the
// redirect to TLS, and headers that browsers heed. One thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in extra_config: the given keys under their names, false and empty values
// left out, sts_seconds whole.
std::string read_security_http(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
