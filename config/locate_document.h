// The parts of locate.h that belong beside the parser of a format.
#pragma once

#include "config/locate.h"

namespace ropewalk::config {

std::optional<Position> locate_yaml(std::string_view text, const std::vector<Step>& steps);
std::optional<Position> locate_toml(std::string_view text, const std::vector<Step>& steps);

}  // namespace ropewalk::config
