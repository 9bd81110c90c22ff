// DNS by c-ares on the worker's own event loop: A and AAAA, answers kept for their TTL (1 to 30 s),
// a failed lookup keeps the old addresses, one query at a time per name. One per worker; only its
// thread may call it.
#pragma once

#include "common/asio.h"
#include "common/error.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::net {

class Resolver {
 public:
  using Addresses = std::vector<asio::ip::address>;
  using Handler = std::function<void(Result<Addresses>)>;

  // `fixed_ttl` > 0 replaces the TTL of answers (KrakenD's dns_cache_ttl does not do so; tests do).
  explicit Resolver(asio::io_context& context,
                    std::chrono::milliseconds timeout = std::chrono::seconds(5));
  ~Resolver();

  // Known and fresh addresses of `name`, or nullptr: then call resolve(). IP literals never come
  // here. /etc/hosts is read as c-ares does it ("localhost" works without a network).
  const Addresses* cached(const std::string& name);
  // `handler` runs later on this worker, never inside the call. Never throws. Error: Kind::connect.
  void resolve(const std::string& name, Handler handler);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ropewalk::net
