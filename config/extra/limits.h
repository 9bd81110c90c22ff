// extra_config."ropewalk/limits" (design 4.14) and "ropewalk/status". Both are Ropewalk's own: an
// unknown key or a wrong type is refused. One thread.
#pragma once

#include "config/extra.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::config {

// Sizes are bytes as numbers, or texts such as "64KiB", "8MiB", "1GiB".
void read_limits(const ExtraValue& extra, v1::Limits& out, Diagnostics& diagnostics);

// true (or an empty object): 504 for a timeout, 502 for a bad backend, 499 for a client that left,
// in place of KrakenD's 500.
bool read_gateway_status_codes(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
