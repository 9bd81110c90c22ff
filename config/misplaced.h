// Protection that stands where nobody reads it: below a misspelt extra_config, or outside of it.
// KrakenD serves without a word; here it is refused. Pure; any thread may call.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace ropewalk::config {

// A value that sets something up, as those of extra_config do: no flag and no text.
bool is_block(const nlohmann::json& value);

// What to say of a key that nobody reads when it, or a member of its value, must be taken for a
// protection (config/registry.h); "" when neither must. At the root stand the blocks that YAML
// anchors share (`x-auth: &auth`): what a key of another name holds there is none.
std::string misplaced_protection(std::string_view key, const nlohmann::json& value, bool at_root);

}  // namespace ropewalk::config
