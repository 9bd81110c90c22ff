#include "dataplane/app/standalone.h"

#include "common/log.h"
#include "dataplane/app/discovery.h"

namespace ropewalk::app {

configsync::ResourceMap by_name(std::vector<config::v1::Resource> resources) {
  configsync::ResourceMap out;
  for (config::v1::Resource& resource : resources) {
    std::string name = resource.name();
    out.emplace(std::move(name), std::make_shared<const config::v1::Resource>(std::move(resource)));
  }
  return out;
}

Result<LoadedFile> load(config::WatchedFile& file, std::optional<std::uint16_t> port) {
  auto loaded = file.load();
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  for (const config::Warning& warning : loaded->warnings)
    log::warning(warning.message, {{"file", file.path()}, {"at", warning.path}});
  LoadedFile out;
  for (const config::v1::Resource& resource : loaded->resources) {
    if (!resource.has_service()) continue;
    const config::v1::Service& service = resource.service();
    out.listener = {service.listen_ip(),
                    static_cast<std::uint16_t>(service.port() ? service.port() : 8080),
                    service.has_tls()};
    out.dns_ttl = std::chrono::nanoseconds(service.transport().dns_cache_ttl_ns());
  }
  out.discovered = std::move(loaded->discovered);
  out.resources = by_name(std::move(loaded->resources));
  if (port) out.listener.port = *port;
  return out;
}

Result<void> install(const LoadedFile& loaded, Discovery& discovery, server::Gateway& gateway) {
  discovery.find(loaded.discovered, loaded.dns_ttl);
  // A new port must not answer 404, and a refused file must not have moved a listener.
  const std::vector<server::ListenerSpec> listeners{loaded.listener};
  const auto replaced = gateway.replace(discovery.with_hosts(loaded.resources), listeners);
  if (replaced) discovery.keep(loaded.discovered);
  return replaced;
}

}  // namespace ropewalk::app
