// extra_config."auth/api-keys": who may call an endpoint, by a key that was handed out.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// Of the service: "keys" ([{"key","roles"}]), "in_query", "name", "hash", "salt", "propagate_role".
std::string read_api_keys(const ExtraValue& extra, Diagnostics& diagnostics);
// Of an endpoint: "roles", "rate" (calls per second of one key, 0: any), and where they differ from
// the service's "in_query" and "name".
std::string read_api_key_roles(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
