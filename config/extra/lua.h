// extra_config."modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend": scripts that
// read and change requests and answers. They guard: what cannot run as written is refused.
#pragma once

#include "config/extra.h"
#include "config/files.h"

#include <cstdint>
#include <string>

namespace ropewalk::config {

enum class LuaPlace : std::uint8_t { endpoint, proxy, backend };

// The text that travels in extra_config, with the contents of every file; "" for a block without
// scripts. `files` null (annotations): refused. `host`: the URL of the backend's first host, "" for
// none.
// Refused: wrong types, unreadable or changed (md5) sources, scripts that do not compile (with file
// and line), `post` at the endpoint, which would never run.
std::string read_lua(const ExtraValue& extra, LuaPlace place, Files* files, const std::string& host,
                     Diagnostics& diagnostics);

}  // namespace ropewalk::config
