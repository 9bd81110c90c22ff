// A Translation as YAML that people review: set fields only, durations with units, bytes by length.
#pragma once

#include "controller/translate/translate.h"

#include <string>

namespace ropewalk::controller {

std::string render(const Translation& translation);

}  // namespace ropewalk::controller
