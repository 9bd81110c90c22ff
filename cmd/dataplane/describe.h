// What a configuration came to: `check -d`. Pure.
#pragma once

#include "config/load.h"

#include <string>

namespace ropewalk::dataplane {

// Settings, endpoints and their backends, indented. Credentials, keys and certificates are not
// shown.
std::string describe(const config::Loaded& loaded);

}  // namespace ropewalk::dataplane
