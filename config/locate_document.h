// The parts of locate.h that belong beside the parser of a format.
#pragma once

#include "config/locate.h"

namespace ropewalk::config {

Place yaml_places(std::string_view text);
Place toml_places(std::string_view text);

}  // namespace ropewalk::config
