#include "config/environment.h"

#include "common/strings.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {

std::map<std::string, std::string> apply_environment(
    nlohmann::json& document, const std::map<std::string, std::string>& environment) {
  constexpr std::string_view kPrefix = "KRAKEND_";
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name.size() == kPrefix.size()) continue;
    const std::string path = to_lower(std::string_view(name).substr(kPrefix.size()));
    const auto keys = split(path, '.');
    nlohmann::json* at = &document;
    for (const std::string_view key : keys) {
      if (!at->is_object()) *at = nlohmann::json::object();
      at = &(*at)[std::string(key)];
    }
    *at = value;
    out[std::string(keys[0])] = name;
  }
  return out;
}

}  // namespace ropewalk::config
