// extra_config."auth/revoker" of the service: tokens that are refused before they expire.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// Normalised: "elements", "false_positives", "optimal", "ttl_s", "token_keys".
std::string read_revoker(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
