// Regular expressions of a configuration (RE2, the syntax of Go), tried while it is loaded. Pure.
#pragma once

#include "config/reader.h"

#include <string>

namespace ropewalk::config {

// Refuses at `path` what does not compile.
void check_expression(const std::string& expression, const std::string& path,
                      Diagnostics& diagnostics);

}  // namespace ropewalk::config
