// extra_config."auth/client-credentials" of a backend: the gateway's own token for it.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// Normalised: "token_url", "client_id", "client_secret", "params" ([[name, value]], those of
// endpoint_params and grant_type and scope, sorted by name), "problem" (why every call will fail,
// "" for none). "" when it is switched off.
std::string read_client_credentials(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
