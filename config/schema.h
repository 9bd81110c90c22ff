// The JSON Schema of what this build reads: for editors. Checks are the readers' own work, whose
// messages know more; a test holds the keys here against them.
#pragma once

#include <string>

namespace ropewalk::config {

// Draft 2020-12; components (extra_config) come from the registry.
std::string json_schema();

}  // namespace ropewalk::config
