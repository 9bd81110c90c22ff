// extra_config."telemetry/logging" of the service: the level; everything else is a warning. One
// thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in Service.extra_config: {"level":"DEBUG"}, the level in upper case and one
// of DEBUG INFO WARNING ERROR CRITICAL; "" when there is none.
std::string read_logging(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
