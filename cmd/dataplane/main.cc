// `ropewalk`: the data plane and its command line. Wiring only.
#include "cmd/dataplane/check.h"
#include "cmd/dataplane/flags.h"
#include "cmd/dataplane/run.h"
#include "common/log.h"
#include "common/version.h"

#include <pthread.h>

#include <cstdio>

using namespace ropewalk;
using dataplane::Flags;

namespace {

// JSON may be nested 10,000 deep and is walked by recursion (2 to 4 MiB in a release build): every
// thread gets a stack for that, whatever `ulimit -s` allows.
void reserve_stacks() {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setstacksize(&attributes, 16 << 20);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  if (const auto code = dataplane::parse_flags(argc, argv, flags)) return *code;
  reserve_stacks();
  // As in KrakenD -d is for looking at what happens.
  if (flags.command == Flags::Command::run && flags.debug && !flags.log_level_given)
    flags.log_level = "debug";
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
      return 1;
  }
  return 1;
}
