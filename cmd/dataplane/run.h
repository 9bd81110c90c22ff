// `ropewalk run`; returns the exit code.
#pragma once

#include "cmd/dataplane/flags.h"

namespace ropewalk::dataplane {

int run(const Flags& flags);

}  // namespace ropewalk::dataplane
