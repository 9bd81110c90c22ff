// The commands of `ropewalk`; each returns the exit code.
#pragma once

#include "cmd/dataplane/flags.h"

namespace ropewalk::dataplane {

int check(const Flags& flags);
int run(const Flags& flags);

}  // namespace ropewalk::dataplane
