#include "config/extra/bot_detector.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {

using nlohmann::json;

std::string read_bot_detector(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader block(extra, diagnostics, KeyCase::any);
  json out = json::object();
  for (const char* key : {"allow", "deny"})
    if (auto agents = block.texts(key); !agents.empty()) out[key] = std::move(agents);
  if (auto patterns = block.texts("patterns"); !patterns.empty()) {
    for (std::size_t i = 0; i < patterns.size(); ++i)
      block.check_expression(patterns[i], child(block.path_of("patterns"), i));
    out["patterns"] = std::move(patterns);
  }
  if (const auto size = block.integer("cache_size", 0, kMostCachedAgents)) out["cache_size"] = size;
  if (block.flag("empty_user_agent_is_bot")) out["empty_user_agent_is_bot"] = true;
  block.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
