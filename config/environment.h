// KRAKEND_* variables over the root keys of a document: the rest of
// the name in lower case is the key, a dot reaches nested keys, the value is a text.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace ropewalk::config {

// Root keys that were set -> the variable that set them.
std::map<std::string, std::string> apply_environment(
    nlohmann::json& document, const std::map<std::string, std::string>& environment);

}  // namespace ropewalk::config
