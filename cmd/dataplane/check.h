// `ropewalk check` and `ropewalk migrate`; each returns the exit code.
#pragma once

#include "cmd/dataplane/flags.h"
#include "config/load.h"

namespace ropewalk::dataplane {

int check(const Flags& flags);
int migrate(const Flags& flags);

// With the environment of this process; debug is left off.
config::LoadOptions load_options(const Flags& flags);

}  // namespace ropewalk::dataplane
