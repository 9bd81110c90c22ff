// extra_config."backend/http/client" of a backend: redirects. One thread.
#pragma once

#include "config/extra.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::config {

void read_http_client(const ExtraValue& extra, v1::Backend& out, Diagnostics& diagnostics);

}  // namespace ropewalk::config
