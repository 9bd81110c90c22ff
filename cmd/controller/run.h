// `ropewalk-controller run`: returns the exit code.
#pragma once

#include "cmd/controller/flags.h"

namespace ropewalk::controller {

int run(const Flags& flags);

}  // namespace ropewalk::controller
