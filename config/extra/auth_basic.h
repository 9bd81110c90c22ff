// extra_config."auth/basic": who may call an endpoint, by name and password.
#pragma once

#include "config/extra.h"
#include "config/files.h"

#include <string>

namespace ropewalk::config {

// Of the service or an endpoint: {"users": {name: bcrypt hash}}, those of the file and those given
// here; these win.
std::string read_basic(const ExtraValue& extra, Files* files, Diagnostics& diagnostics);

}  // namespace ropewalk::config
