#include "dataplane/compile/routes.h"

#include "config/registry.h"

namespace ropewalk::compile {
namespace {

std::string check_level(config::Level level,
                        const google::protobuf::Map<std::string, std::string>& extra) {
  std::vector<std::string_view> names;
  for (const auto& [name, text] : extra) names.emplace_back(name);
  const auto checked = config::check_namespaces(level, names);
  return checked ? "" : checked.error().message;
}

}  // namespace

void add_own_routes(const Settings& settings, std::vector<router::Route>& routes) {
  if (!settings.health_path.empty())
    routes.push_back({{}, "GET", settings.health_path, false, kHealthRoute});
  // The methods that KrakenD registers, in its order, which Allow shows.
  for (const char* method :
       {"GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "DELETE", "CONNECT", "TRACE"}) {
    if (settings.debug_endpoint) routes.push_back({{}, method, "/__debug/*", true, kDebugRoute});
    if (settings.echo_endpoint) routes.push_back({{}, method, "/__echo/*", true, kEchoRoute});
  }
}

std::string check_extra_config(const config::v1::Resource& resource) {
  if (resource.has_service())
    return check_level(config::Level::service, resource.service().extra_config());
  if (resource.has_endpoint())
    return check_level(config::Level::endpoint, resource.endpoint().extra_config());
  if (resource.has_backend())
    return check_level(config::Level::backend, resource.backend().extra_config());
  return "";
}

}  // namespace ropewalk::compile
