#include "dataplane/compile/routes.h"

#include "config/registry.h"

#include <algorithm>

namespace ropewalk::compile {
namespace {

std::string check_level(config::Level level, const google::protobuf::Map<std::string, std::string>& extra) {
  std::vector<std::string_view> names;
  for (const auto& [name, text] : extra) names.emplace_back(name);
  const auto checked = config::check_namespaces(level, names);
  return checked ? "" : checked.error().message;
}

}  // namespace

std::string router_path(std::string_view model_path) {
  std::string out;
  for (std::size_t i = 0; i < model_path.size(); ++i) {
    const char c = model_path[i];
    if ((c == '{' || c == '}') && i + 1 < model_path.size() && model_path[i + 1] == c) {
      out += c;
      ++i;
    } else if (c == '{' && !out.empty() && out.back() != '/') {
      const std::size_t end = model_path.find('}', i);
      out += ':';
      out += model_path.substr(i + 1, end - i - 1);
      i = std::min(end, model_path.size());
    } else {
      out += c;
    }
  }
  return out;
}

void add_own_routes(const Settings& settings, std::vector<router::Route>& routes) {
  if (!settings.health_path.empty()) routes.push_back({{}, "GET", settings.health_path, false, kHealthRoute});
  if (settings.debug_endpoint) routes.push_back({{}, "*", "/__debug/*", true, kDebugRoute});
  if (settings.echo_endpoint) routes.push_back({{}, "*", "/__echo/*", true, kEchoRoute});
}

std::string check_extra_config(const config::v1::Resource& resource) {
  if (resource.has_service()) return check_level(config::Level::service, resource.service().extra_config());
  if (resource.has_endpoint()) return check_level(config::Level::endpoint, resource.endpoint().extra_config());
  if (resource.has_backend()) return check_level(config::Level::backend, resource.backend().extra_config());
  return "";
}

}  // namespace ropewalk::compile
