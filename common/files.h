// Whole files. Errors name the path and the reason.
#pragma once

#include "common/error.h"

#include <string>
#include <string_view>

namespace ropewalk {

Result<std::string> read_file(const std::string& path);

// Written beside the target, synced and renamed over it; `mode` as in chmod, e.g. 0600.
Result<void> write_file_atomically(const std::string& path, std::string_view contents,
                                   unsigned mode);

}  // namespace ropewalk
