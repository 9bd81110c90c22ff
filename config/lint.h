// What a configuration may hold and hardly means: warnings at `run`, errors of `check --lint`.
#pragma once

#include "config/endpoint.h"
#include "config/reader.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace ropewalk::config {

// Several backends that change something (documented as not allowed, in fact served: when one
// fails, the others have happened), and in a sequence one that is not the last.
void warn_of_writes(const ParsedEndpoint& endpoint, const nlohmann::json& object,
                    const std::string& path, Diagnostics& diagnostics);

}  // namespace ropewalk::config
