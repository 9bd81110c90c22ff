// extra_config.router -> Service.router. Options match in any letter case and need the right JSON
// type. One thread.
#pragma once

#include "config/extra.h"
#include "ropewalk/config/v1/config.pb.h"

#include <string>

namespace ropewalk::config {

// KrakenD drops most of the block for one option of a wrong type (error texts, redirects, version,
// client IP; not health, access log, path decoding, error bodies): done here with a warning, except
// that trusted_proxies and max_payload always count, and are refused for a wrong value.
// Returns what travels in Service.extra_config: max_payload, "" without.
std::string read_router(const ExtraValue& extra, v1::Router& out, Diagnostics& diagnostics);

}  // namespace ropewalk::config
