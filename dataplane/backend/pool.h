// The idle connections of one worker. Two calls share connections only when address, scheme, every
// TLS setting and the proxy on the way are equal.
#pragma once

#include "common/keyed_table.h"
#include "dataplane/backend/connection.h"
#include "dataplane/backend/health.h"
#include "dataplane/backend/proxy_rules.h"
#include "dataplane/compile/graph.h"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ropewalk::backend {

// The idle connections to all hosts in the order in which they became idle.
class IdleConnections : public runtime::Counted<IdleConnections> {
 public:
  // Those that have been idle longest are closed when there are more; 0: any number.
  void bound(std::size_t most);
  void add(Connection& connection);  // it stands in its pool
  void remove(Connection& connection);

 private:
  void trim();
  std::size_t most_ = 0;
  boost::intrusive::list<Connection> list_;
};

// The connections to one host under one TLS identity, on one way. Kept alive by the plans that call
// the host; when the last one is gone (a new configuration without it, its requests finished) the
// idle connections are closed.
class HostPool : public runtime::Counted<HostPool> {
 public:
  HostPool(ProxyRef proxy, runtime::Ref<IdleConnections> all)
      : proxy_(std::move(proxy)), all_(std::move(all)) {}
  ~HostPool();
  // Null: straight to the host.
  const compile::Host* proxy() const { return proxy_.get(); }
  // The connection used last, or null.
  ConnectionRef take();
  // Back after a complete answer; beyond `limit` idle ones the oldest goes, as beyond the bound of
  // all hosts.
  void put(ConnectionRef connection, std::uint32_t limit, runtime::Clock::time_point now);
  void drop(Connection& connection);
  void expire(runtime::Clock::time_point before);
  std::size_t idle() const { return idle_.size(); }

  Health health;            // of the host, whatever route calls it
  std::uint32_t calls = 0;  // under way

 private:
  const ProxyRef proxy_;
  const runtime::Ref<IdleConnections> all_;
  std::vector<ConnectionRef> idle_;  // the last is the most recently used
};

// Finds the HostPool of a host; one per worker.
class Pool {
 public:
  // Null rules: no proxy but those that are given to of().
  explicit Pool(std::shared_ptr<const ProxyRules> rules) : rules_(std::move(rules)) {}

  // `proxy`: the backend's own, for every host; without it the rules decide.
  runtime::Ref<HostPool> of(const compile::Host& host, const net::ClientTls* tls, ProxyRef proxy);
  // The most idle connections to all hosts together, from now on; 0: any number.
  void bound_idle(std::size_t most) { idle_->bound(most); }
  // Forgets pools that only this table still knows, and closes connections idle since before
  // `before`.
  void sweep(runtime::Clock::time_point before);

 private:
  const std::shared_ptr<const ProxyRules> rules_;
  const runtime::Ref<IdleConnections> idle_{new IdleConnections};
  KeyedMap<runtime::Ref<HostPool>> pools_;
};

}  // namespace ropewalk::backend
