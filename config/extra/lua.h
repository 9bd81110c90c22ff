// extra_config."modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend": scripts that
// read and change requests and answers. They guard: what cannot run as written is refused.
#pragma once

#include "config/blocks.h"

#include <cstdint>
#include <string>

namespace ropewalk::config {

enum class LuaPlace : std::uint8_t { endpoint, proxy, backend };

// The text that travels in extra_config, with the contents of every file; "" for a block without
// scripts. Without files (annotations): refused.
// Refused: wrong types, unreadable or changed (md5) sources, scripts that do not compile (with file
// and line), `post` at the endpoint, which would never run.
std::string read_lua(const ExtraValue& extra, LuaPlace place, const BlockContext& context,
                     Diagnostics& diagnostics);

}  // namespace ropewalk::config
