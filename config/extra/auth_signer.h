// extra_config."auth/signer": an endpoint whose answer carries signed tokens.
#pragma once

#include "config/extra.h"
#include "config/files.h"

#include <string>

namespace ropewalk::config {

// Normalised: "alg", "kid", "typ", "sign" (names), "full" and the members of read_jwk_source. A key
// of a file that cannot sign is refused.
std::string read_signer(const ExtraValue& extra, Files* files, Diagnostics& diagnostics);

}  // namespace ropewalk::config
