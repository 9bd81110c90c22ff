#include "config/routes.h"

#include "config/path.h"

namespace ropewalk::config {

Result<void> RouteTable::add(const std::string& method, std::string_view path,
                             const std::string& where) {
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] != '{') continue;
    if (at + 1 < path.size() && path[at + 1] == '{') {
      ++at;
      continue;
    }
    const auto end = path.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string name(path.substr(at + 1, end - at - 1));
    const std::string before(path.substr(0, at));
    const auto [taken, fresh] = parameters_.try_emplace(method + " " + before, name, where);
    if (!fresh && taken->second.name != name)
      return fail(Kind::config, "the parameter after " + before + " is called {" + name +
                                    "} here and {" + taken->second.name + "} in " +
                                    taken->second.where);
    at = end;
  }
  const std::string identity = path_identity(path);
  const auto [taken, fresh] = routes_.try_emplace(method + " " + identity, where);
  if (!fresh)
    return fail(Kind::config, "the route " + method + " " + std::string(path) +
                                  " is given already in " + taken->second);
  return {};
}

}  // namespace ropewalk::config
