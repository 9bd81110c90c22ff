// extra_config."security/cors" of the service. What would open the
// gateway further than written is refused; what is merely unreadable and closes something is a
// warning and counts as absent, as for KrakenD. One thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in Service.extra_config: allow_origins, allow_methods, allow_headers,
// expose_headers (lists; absent: KrakenD's default), allow_credentials, allow_private_network,
// options_passthrough (true or absent), max_age (seconds), options_success_status. "" when the
// block is none.
std::string read_cors(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
