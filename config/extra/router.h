// extra_config.router -> Service.router. Options match in any letter case and need the right JSON
// type. One thread.
#pragma once

#include "config/extra.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::config {

// KrakenD drops most of the block for one option of a wrong type (error texts, redirects, version,
// client IP; not health, access log, path decoding, error bodies): done here with a warning, except
// that trusted_proxies always counts, and is refused for a wrong type or an entry that is no
// address or network.
void read_router(const ExtraValue& extra, v1::Router& out, Diagnostics& diagnostics);

}  // namespace ropewalk::config
