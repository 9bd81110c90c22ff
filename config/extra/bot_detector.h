// extra_config."security/bot-detector" of the service or of an endpoint. Everything that would
// leave the door open without a word is refused. One thread.
#pragma once

#include "config/extra.h"

#include <cstdint>
#include <string>

namespace ropewalk::config {

inline constexpr std::int64_t kMostCachedAgents = 1'000'000;

// The text that travels in extra_config: allow, deny, patterns, cache_size,
// empty_user_agent_is_bot; empty ones left out.
std::string read_bot_detector(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
