// extra_config.proxy at endpoints and backends: the order of calls, shadow backends, what is added
// to or made of answers. What KrakenD ignores is a warning. One thread.
#pragma once

#include "config/extra.h"
#include "ropewalk/config/v1/config.pb.h"

#include <cstddef>

namespace ropewalk::config {

// `out` knows its output encoding.
void read_endpoint_proxy(const ExtraValue& extra, std::size_t backends, v1::Endpoint& out,
                         Diagnostics& diagnostics);
void read_backend_proxy(const ExtraValue& extra, v1::Backend& out, Diagnostics& diagnostics);

}  // namespace ropewalk::config
