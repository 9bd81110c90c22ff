// Where revocations come in: `port` of auth/revoker, for KrakenD's clients (Go's net/rpc). Whoever
// reaches the port may revoke, as in KrakenD. A thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace ropewalk::auth {

class RevokerPort {
 public:
  struct Target {
    std::function<void(std::string_view entry)> revoke;
    std::function<bool(std::string_view entry)> revoked;
  };
  // Listens on all addresses; 0 takes a free port. A port in use is a warning and tried again every
  // second: the one who has it may be the configuration before this one. `target` is called on the
  // port's thread.
  RevokerPort(std::uint16_t port, Target target);
  ~RevokerPort();  // closes and joins

  std::uint16_t port() const;  // 0 while it does not listen

  static constexpr std::size_t kMostClients = 64;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::auth
