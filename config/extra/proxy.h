// extra_config.proxy at endpoints and backends. Sequences, static answers, shadow backends and
// flatmap change answers and are not built yet: refused. What KrakenD ignores is a warning.
#pragma once

#include "config/extra.h"

#include <cstddef>

namespace ropewalk::config {

void read_endpoint_proxy(const ExtraValue& extra, std::size_t backends, Diagnostics& diagnostics);
void read_backend_proxy(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
