// What a configuration may hold and hardly means: warnings at `run`, and errors of `check --lint`
// unless they are advice (config/warning.h).
#pragma once

#include "config/endpoint.h"
#include "config/reader.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace ropewalk::config {

// Several backends that change something (documented as not allowed, in fact served: when one
// fails, the others have happened), and in a sequence one that is not the last.
void warn_of_writes(const ParsedEndpoint& endpoint, const nlohmann::json& object,
                    const std::string& path, Diagnostics& diagnostics);

// Keys of an endpoint and its backends that are read and change nothing, because of another key or
// for want of one. `endpoint` is complete but for what the caller adds.
void warn_of_no_effect(const ParsedEndpoint& endpoint, const nlohmann::json& object,
                       const std::string& path, Diagnostics& diagnostics);

// A timeout under a millisecond: most are numbers, which count nanoseconds.
void warn_of_short_timeout(Reader& reader, std::string_view key);

}  // namespace ropewalk::config
