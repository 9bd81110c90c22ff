// DNS by c-ares on the worker's own event loop: A and AAAA, answers kept for their TTL (1 to 30 s),
// one query at a time per name. A failed lookup keeps the old addresses; one that takes longer than
// 300 ms is answered with them meanwhile. A lookup sees a changed /etc/resolv.conf after 5 s at the
// latest. One per worker; only its thread may call it.
#pragma once

#include "common/asio.h"
#include "common/error.h"
#include "dataplane/net/srv.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::net {

class Resolver {
 public:
  using Addresses = std::vector<asio::ip::address>;
  using Handler = std::function<void(Result<Addresses>)>;

  using Clock = std::chrono::steady_clock;

  // Where the configuration of the system stands, and the port of its servers (0: 53): for tests.
  struct System {
    std::string resolv_conf;
    std::uint16_t port;
  };

  // A lookup of a name never seen fails after `timeout`. `servers`: "127.0.0.1:5353,[::1]:53" in
  // place of /etc/resolv.conf, without its search list; "" for the system's. `now`: for tests.
  explicit Resolver(asio::io_context& context,
                    std::chrono::milliseconds timeout = std::chrono::seconds(5),
                    const std::string& servers = {},
                    std::function<Clock::time_point()> now = &Clock::now,
                    const System& system = {"/etc/resolv.conf", 0});
  ~Resolver();

  // Known and fresh addresses of `name`, or nullptr: then call resolve(). IP literals never come
  // here. Valid until the worker's next turn of the event loop.
  const Addresses* cached(const std::string& name);
  // `handler` runs later on this worker, never inside the call, and not at all once the resolver is
  // gone. Addresses come in the order in which to try them (RFC 6724) and are never empty.
  // /etc/hosts goes before DNS ("localhost" works without a network). Error: Kind::connect.
  void resolve(const std::string& name, Handler handler);

  // SRV records of `name`, asked for anew each time. As above; an error also where there are none.
  using SrvHandler = std::function<void(Result<std::vector<SrvRecord>>)>;
  void resolve_srv(const std::string& name, SrvHandler handler);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ropewalk::net
