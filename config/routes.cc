#include "config/routes.h"

#include "common/strings.h"
#include "config/path.h"

namespace ropewalk::config {

Result<void> RouteTable::add(const std::string& method, std::string_view path,
                             const std::string& where) {
  for (const std::string_view segment : split(path, '/')) {
    const SegmentParameter parameter = segment_parameter(segment);
    if (parameter.at == std::string_view::npos) continue;
    const auto length = static_cast<std::size_t>(segment.data() - path.data()) + parameter.at;
    const std::string before(path.substr(0, length));
    const std::string name(parameter.name);
    const auto [taken, fresh] = parameters_.try_emplace(method + " " + before, name, where);
    if (!fresh && taken->second.name != name)
      return fail(Kind::config, "the parameter after " + before + " is called {" + name +
                                    "} here and {" + taken->second.name + "} in " +
                                    taken->second.where);
  }
  const std::string identity = path_identity(path);
  const auto [taken, fresh] = routes_.try_emplace(method + " " + identity, where);
  if (!fresh)
    return fail(Kind::config, "the route " + method + " " + std::string(path) +
                                  " is given already in " + taken->second);
  return {};
}

}  // namespace ropewalk::config
