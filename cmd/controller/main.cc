// `ropewalk-controller`: watches Kubernetes or a folder, translates, pushes. Wiring only.
#include "cmd/controller/flags.h"
#include "cmd/controller/problems.h"
#include "cmd/controller/run.h"
#include "common/log.h"
#include "common/version.h"
#include "controller/translate/annotations.h"

#include <cstdio>

using namespace ropewalk;
using controller::Flags;

int main(int argc, char** argv) {
  Flags flags;
  if (const auto code = controller::parse_flags(argc, argv, flags)) return *code;
  log::init(*log::parse_format(flags.log_format), *log::parse_level(flags.log_level));
  switch (flags.command) {
    case Flags::Command::version:
      std::printf("ropewalk-controller %s\n", kVersion);
      return 0;
    case Flags::Command::annotations:
      std::fputs(controller::annotations_markdown().c_str(), stdout);
      return 0;
    case Flags::Command::problems:
      return controller::print_problems(flags.admin);
    case Flags::Command::run:
      return controller::run(flags);
    case Flags::Command::none:
      return 1;
  }
  return 1;
}
