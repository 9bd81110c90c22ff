// TLS sessions of backends, to shorten the next handshake. Several threads; one short lock. Each
// session is handed out once, as RFC 8446 C.4 asks.
#pragma once

#include "common/keyed_table.h"
#include "dataplane/net/tls_material.h"

#include <mutex>
#include <string>

namespace ropewalk::net {

class SessionCache {
 public:
  // Keeps the newest session of a name. When full, some other name loses its session.
  void put(const std::string& name, OpensslPtr<SSL_SESSION> session) {
    if (!session) return;
    const std::lock_guard lock(mutex_);
    if (sessions_.size() >= kMaxNames && !sessions_.contains(name))
      sessions_.erase(sessions_.begin());
    sessions_[name] = std::move(session);
  }
  // nullptr when there is none.
  OpensslPtr<SSL_SESSION> take(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto node = sessions_.extract(name);
    return node ? std::move(node.mapped()) : nullptr;
  }

 private:
  static constexpr std::size_t kMaxNames = 256;
  std::mutex mutex_;
  KeyedMap<OpensslPtr<SSL_SESSION>> sessions_;
};

}  // namespace ropewalk::net
