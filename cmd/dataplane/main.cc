// `ropewalk`: the data plane and its command line. Wiring only.
#include "cmd/dataplane/check.h"
#include "cmd/dataplane/flags.h"
#include "cmd/dataplane/run.h"
#include "common/log.h"
#include "common/version.h"

#include <cstdio>

using namespace ropewalk;
using dataplane::Flags;

int main(int argc, char** argv) {
  Flags flags;
  if (const auto code = dataplane::parse_flags(argc, argv, flags)) return *code;
  log::init(*log::parse_format(flags.log_format), *log::parse_level(flags.log_level));
  switch (flags.command) {
    case Flags::Command::version:
      std::printf("ropewalk %s\n", kVersion);
      return 0;
    case Flags::Command::check:
      return dataplane::check(flags);
    case Flags::Command::migrate:
      return dataplane::migrate(flags);
    case Flags::Command::run:
      return dataplane::run(flags);
    case Flags::Command::none:
      return 2;
  }
  return 2;
}
