// One connection to one host, idle in its pool or used by one call. Lives on one worker.
//
// A read is outstanding whenever somebody may want to know: idle connections notice a close (or
// bytes nobody asked for) at once and leave the pool.
#pragma once

#include "dataplane/http/reader.h"
#include "dataplane/net/stream.h"
#include "dataplane/runtime/buffer.h"
#include "dataplane/runtime/reference.h"
#include "dataplane/runtime/timer_wheel.h"

#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace ropewalk::backend {

class Connection;
class HostPool;

class ConnectionUser {
 public:
  virtual void on_read(
      const error_code& error) = 0;  // bytes arrived in `in`, or the connection ended
  // After a write that did not complete at once; `n` is what it wrote. A TLS record that was not
  // written whole does not count, and cannot be read by anybody.
  virtual void on_written(const error_code& error, std::size_t n) = 0;
  virtual void on_connected(Connection& connection, const error_code& error) = 0;
  virtual void on_handshake(const error_code& error) = 0;

 protected:
  ~ConnectionUser() = default;
};

// The hook is for IdleConnections.
class Connection : public runtime::Counted<Connection>, public boost::intrusive::list_base_hook<> {
 public:
  static constexpr std::size_t kReadSize = 32 * 1024;  // untouched pages cost nothing

  Connection(asio::io_context& context, const http::ReaderLimits& limits)
      : stream(context), reader(limits) {}

  void attach(ConnectionUser* user) { user_ = user; }
  void detach() { user_ = nullptr; }  // nothing is heard any more

  void connect(const asio::ip::tcp::endpoint& endpoint);
  // Once connected. `idle`: without a byte for so long, the peer is asked whether it is still
  // there, so that one that went without a word is noticed; 0: never.
  void prepare(std::chrono::seconds idle);
  void handshake();  // after stream.use_tls

  // Reads at least one byte into `in`, which is given room for `want` more.
  void start_read(std::size_t want = kReadSize);
  bool reading() const { return reading_; }

  enum class Written { done, pending, failed };
  // Takes `data` away when the result is pending: the write may outlive its call. `taken` counts
  // the bytes given to the socket.
  Written write(std::string& data, std::size_t& taken, error_code& error);

  void close();
  bool open() const { return open_; }

  net::Stream stream;
  runtime::Buffer in;
  http::ResponseReader reader;
  bool reused = false;
  std::string address;       // "192.0.2.7:8080", for the log
  HostPool* pool = nullptr;  // while idle
  runtime::Clock::time_point idle_since{};

 private:
  ConnectionUser* user_ = nullptr;
  bool reading_ = false;
  bool open_ = true;
};

using ConnectionRef = runtime::Ref<Connection>;

}  // namespace ropewalk::backend
