#include "controller/translate/hosts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace ropewalk::controller {
namespace {

using HostPort = std::pair<std::string, std::uint16_t>;

// What the API server lets through: no loopback, link-local, multicast or unspecified address. A
// folder has no API server in front of it and may allow loopback.
bool usable(const std::string& address, bool allow_loopback) {
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
    const std::uint32_t bits = ntohl(four.s_addr);
    if (bits >> 24 == 127) return allow_loopback;
    return bits >> 24 != 0 && bits >> 16 != 0xa9fe && bits >> 28 < 0xe;
  }
  in6_addr six{};
  if (inet_pton(AF_INET6, address.c_str(), &six) != 1) return false;
  if (IN6_IS_ADDR_LOOPBACK(&six)) return allow_loopback;
  return !IN6_IS_ADDR_UNSPECIFIED(&six) && !IN6_IS_ADDR_LINKLOCAL(&six) &&
         !IN6_IS_ADDR_MULTICAST(&six) && !IN6_IS_ADDR_V4MAPPED(&six);
}

}  // namespace

SlicesByService slices_by_service(const ObjectSet& objects) {
  SlicesByService out;
  for (const auto& [key, slice] : objects.endpoint_slices)
    if (!slice->service_name.empty())
      out[{key.namespace_, slice->service_name}].push_back(slice.get());
  return out;
}

std::string service_host_name(const Service& service) {
  if (service.type == "ExternalName") return service.external_name;
  return service.meta.name + "." + service.meta.namespace_ + ".svc";
}

config::v1::HostSet make_host_set(const Service& service, const SelectedPort& port,
                                  const std::vector<const EndpointSlice*>& slices,
                                  const Options& options) {
  // Ready ones; those that shut down but still serve only while nobody else is there.
  std::set<HostPort> ready;
  std::set<HostPort> leaving;
  if (service.type == "ExternalName") ready.emplace(service.external_name, port.number);
  for (const EndpointSlice* slice : slices) {
    if (service.type == "ExternalName" || slice->address_type == "FQDN") continue;
    const auto found = std::ranges::find_if(slice->ports, [&](const EndpointPort& candidate) {
      return candidate.name == port.name && candidate.protocol == "TCP" && candidate.port != 0;
    });
    if (found == slice->ports.end()) continue;
    for (const Endpoint& endpoint : slice->endpoints) {
      // The addresses of one endpoint are one and the same pod: the first stands for it.
      if (endpoint.addresses.empty() ||
          !usable(endpoint.addresses.front(), options.allow_loopback_addresses))
        continue;
      const HostPort host{endpoint.addresses.front(), found->port};
      if (endpoint.ready && !endpoint.terminating)
        ready.insert(host);
      else if (endpoint.serving && endpoint.terminating)
        leaving.insert(host);
    }
  }
  config::v1::HostSet out;
  for (const auto& [address, number] : ready.empty() ? leaving : ready) {
    auto* host = out.add_hosts();
    host->set_tls(port.tls);
    host->set_address(address);
    host->set_port(number);
    host->set_authority(service_host_name(service));
  }
  return out;
}

}  // namespace ropewalk::controller
