#include "dataplane/backend/pool.h"

#include "dataplane/runtime/kept_memory.h"

#include <algorithm>

namespace ropewalk::backend {

void IdleConnections::bound(std::size_t most) {
  most_ = most;
  trim();
}

void IdleConnections::add(Connection& connection) {
  list_.push_back(connection);
  trim();
}

void IdleConnections::remove(Connection& connection) { list_.erase(list_.iterator_to(connection)); }

void IdleConnections::trim() {
  while (most_ != 0 && list_.size() > most_) list_.front().pool->drop(list_.front());
}

HostPool::~HostPool() {
  for (const ConnectionRef& connection : idle_) {
    all_->remove(*connection);
    connection->pool = nullptr;
    connection->close();
  }
}

ConnectionRef HostPool::take() {
  if (idle_.empty()) return {};
  ConnectionRef connection = std::move(idle_.back());
  idle_.pop_back();
  all_->remove(*connection);
  connection->pool = nullptr;
  connection->reused = true;
  return connection;
}

void HostPool::put(ConnectionRef connection, std::uint32_t limit, runtime::Clock::time_point now) {
  if (idle_.size() >= limit && !idle_.empty()) drop(*idle_.front());
  connection->pool = this;
  connection->idle_since = now;
  connection->detach();
  connection->in.release(runtime::kKeptByConnection);
  idle_.push_back(std::move(connection));
  idle_.back()->start_read();
  all_->add(*idle_.back());
}

void HostPool::drop(Connection& connection) {
  connection.pool = nullptr;
  connection.close();
  all_->remove(connection);
  std::erase_if(idle_, [&](const ConnectionRef& held) { return held.get() == &connection; });
}

void HostPool::expire(runtime::Clock::time_point before) {
  while (!idle_.empty() && idle_.front()->idle_since < before) drop(*idle_.front());
}

runtime::Ref<HostPool> Pool::of(const compile::Host& host, const net::ClientTls* tls,
                                ProxyRef proxy) {
  if (!proxy && rules_) proxy = rules_->choose(host);
  std::string key = host.address + "|" + std::to_string(host.port);
  if (host.tls && tls) key += "|" + tls->identity();
  if (proxy) key += "|" + proxy->url + "|" + proxy->authorization;
  runtime::Ref<HostPool>& pool = pools_[key];
  if (!pool) pool = new HostPool(std::move(proxy), idle_);
  return pool;
}

void Pool::sweep(runtime::Clock::time_point before) {
  std::erase_if(pools_, [&](const auto& entry) {
    entry.second->expire(before);
    return entry.second->use_count() == 1;
  });
}

}  // namespace ropewalk::backend
