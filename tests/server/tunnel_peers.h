// A proxy that opens tunnels, and a backend that speaks TLS, both blocking and over loopback.
#pragma once

#include "tests/fakes/certificates.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ropewalk::testing {

// Serves each connection of a free port on a thread of its own, until it is destroyed.
class Listener {
 public:
  explicit Listener(std::function<void(int connection)> serve);
  ~Listener();
  std::uint16_t port() const { return port_; }

 private:
  std::function<void(int)> serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::list<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// Until the peer of a connection has closed it; reads nothing.
void await_end(int connection);

// Answers CONNECT with `greeting` and, where that is a 200, leads to the port asked for on
// loopback, whatever the name.
class TunnelProxy {
 public:
  explicit TunnelProxy(std::string greeting = "HTTP/1.1 200 Connection established\r\n\r\n");
  std::uint16_t port() const { return listener_.port(); }
  std::vector<std::string> heads() const;

 private:
  void serve(int connection);
  const std::string greeting_;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  Listener listener_;
};

// Answers every request over TLS, which is one without a body, with its own head's first line as
// JSON. A request that is longer than `longest` is not read further: then the connection ends, or
// nothing more happens on it until the peer closes it.
class TlsBackend {
 public:
  enum class Beyond { close, wait };
  explicit TlsBackend(const fakes::Pair& pair, std::size_t longest = SIZE_MAX,
                      Beyond beyond = Beyond::close);
  std::uint16_t port() const { return listener_.port(); }
  int connections() const { return connections_; }

 private:
  void serve(int connection);
  const std::shared_ptr<void> context_;  // SSL_CTX
  const std::size_t longest_;
  const Beyond beyond_;
  std::atomic<int> connections_ = 0;
  Listener listener_;
};

}  // namespace ropewalk::testing
