// extra_config."auth/validator": who may call an endpoint, by a signed token.
#pragma once

#include "config/extra.h"
#include "config/files.h"

#include <string>

namespace ropewalk::config {

// Of an endpoint, normalised: "alg", the members of read_jwk_source, "cache", "cache_s", "shared"
// is left to the service, "cooldown_ms", "strategy", "issuer", "audience", "roles", "roles_key",
// "roles_nested", "scopes", "scopes_key", "scopes_all", "header", "cookie", "leeway_ms",
// "propagate" ([[claim, field]]), "preserve_array", "debug".
std::string read_validator(const ExtraValue& extra, Files* files, Diagnostics& diagnostics);

// Of the service: {"shared_s": n}.
std::string read_shared_key_cache(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
