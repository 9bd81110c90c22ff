// KrakenD reads some blocks with Go's encoding/json, which takes a key in any letter case. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <string_view>

namespace ropewalk::config {

// A copy of `block` in which a key that equals one of `names` but for its case is spelled like it;
// the exact spelling wins beside another one. What is no object comes back as it is.
nlohmann::json with_names(const nlohmann::json& block,
                          std::initializer_list<std::string_view> names);

}  // namespace ropewalk::config
