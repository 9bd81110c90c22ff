// extra_config.proxy at endpoints and backends. Sequences and shadow backends are not built yet:
// refused. What KrakenD ignores is a warning; operations that would end every request are refused.
#pragma once

#include "config/extra.h"
#include "config/extra/proxy_options.h"

#include <cstddef>

namespace ropewalk::config {

struct EndpointShape {
  std::size_t backends = 0;
  bool no_op = false;  // the answer is passed as it is
};

ProxyOptions read_endpoint_proxy(const ExtraValue& extra, const EndpointShape& shape,
                                 Diagnostics& diagnostics);
ProxyOptions read_backend_proxy(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
