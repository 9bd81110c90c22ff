// Hosts found by DNS (sd: dns of a configuration file): SRV records are asked for in the background
// and asked for again after a while; what is found takes the way of every change of addresses
// (Gateway::apply_host_sets), so routes are not compiled again. A failed lookup keeps what was
// found before.
//
// Owned by main; its thread begins with the first name. find(), with_hosts() and update() are for
// the control side.
#pragma once

#include "config/load.h"
#include "dataplane/configsync/applier.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::app {

class Discovery {
 public:
  // `changed` runs on the thread of this object when some set has other hosts than before; it must
  // not call back.
  // `servers`: see net::Resolver.
  explicit Discovery(std::function<void()> changed, std::string servers = {});
  ~Discovery();

  // From now on these names as well, all asked for every `ttl` (0: 30 s). Returns when each name
  // that is new has been asked for once, or after 2 s.
  void find(const std::vector<config::DnsHosts>& names, std::chrono::nanoseconds ttl);
  // Forgets all others.
  void keep(const std::vector<config::DnsHosts>& names);
  // The resources with the hosts found so far.
  configsync::ResourceMap with_hosts(configsync::ResourceMap resources) const;
  // The same, put into force.
  void update(const configsync::ResourceMap& resources, configsync::Applier& applier) const;

 private:
  struct Search;
  std::function<void()> changed_;
  std::string servers_;
  std::unique_ptr<Search> search_;
};

}  // namespace ropewalk::app
