// extra_config."plugin/http-server" of the service and "plugin/req-resp-modifier" of an endpoint:
// plugins of the paid edition that are built in here. A plugin written in Go cannot be loaded and
// is refused: it may be what protects. One thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in extra_config: {"ip-filter": {"CIDR": [...], "allow": true|absent,
// "client_ip_headers": [...], "trusted_proxies": [...]}}.
std::string read_plugins(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
