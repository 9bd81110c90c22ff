#include "config/extra/any_case.h"

#include "common/strings.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {

using nlohmann::json;

json with_names(const json& block, std::initializer_list<std::string_view> names) {
  if (!block.is_object()) return block;
  json out = json::object();
  for (auto it = block.begin(); it != block.end(); ++it) {
    const auto* name = std::ranges::find_if(
        names, [&](std::string_view known) { return iequals(known, it.key()); });
    if (name == names.end() || *name == it.key())
      out[it.key()] = *it;
    else if (!block.contains(std::string(*name)))
      out[std::string(*name)] = *it;
  }
  return out;
}

}  // namespace ropewalk::config
