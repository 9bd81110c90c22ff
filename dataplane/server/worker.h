// One thread, one event loop, its own listeners, connections, pools and counters (design 4.7).
// Other threads only post to it.
#pragma once

#include "dataplane/backend/fetcher.h"
#include "dataplane/backend/pool.h"
#include "dataplane/compile/graph.h"
#include "dataplane/net/resolver.h"
#include "dataplane/proxy/exchange.h"
#include "dataplane/proxy/serving.h"
#include "dataplane/server/connection.h"
#include "dataplane/telemetry/access_log.h"
#include "dataplane/telemetry/metrics.h"
#include "dataplane/telemetry/trace.h"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ropewalk::server {

class Worker {
 public:
  Worker(std::size_t index, std::size_t workers, telemetry::AccessLog* access_log,
         std::shared_ptr<const backend::ProxyRules> proxies);
  ~Worker();  // as halt() and clear()

  void start();
  // Stops at once; returns when the thread has ended.
  void halt();
  // Gives up what is left of requests and fetches. When every worker has halted: those who wait
  // may be of another.
  void clear();
  // --- any thread
  void post(std::function<void(Worker&)> task);

  // --- this worker's thread (or before start)
  void serve(std::shared_ptr<const compile::Snapshot> snapshot);
  void trace_with(std::shared_ptr<telemetry::Tracer> tracer) { tracer_ = std::move(tracer); }
  // Takes over a listening socket made by open_listener(); the connections of a `tls` one begin
  // with a handshake.
  void listen(int descriptor, std::uint16_t port, const std::string& address, bool tls);
  // Whether connections begin with a handshake from now on, those that wait to be accepted
  // included. Those of the other kind end with the answer under way.
  void change_listener(std::uint16_t port, const std::string& address, bool tls);
  // Closes one listener, or all, after everything that waits has been accepted.
  void stop_listening(std::uint16_t port, const std::string& address);
  void stop_listening();
  // Every answer closes its connection from now on; `done` is called (on this thread) when no
  // connection is left or the deadline (0: none) has passed.
  void drain(std::chrono::nanoseconds deadline, std::function<void()> done);
  // Ends every connection, whatever is under way.
  void cut();
  void stop();

  const proxy::ServingRef& serving() const { return serving_; }
  proxy::WorkerContext& context() { return context_; }
  telemetry::WorkerMetrics& metrics() { return metrics_; }
  telemetry::AccessLog* access_log() { return access_log_; }
  // Null while nothing is traced.
  telemetry::Tracer* tracer() { return tracer_.get(); }
  std::uint64_t random();
  runtime::TimerWheel& wheel() { return wheel_; }
  bool draining() const { return draining_; }
  std::string_view date();  // the value of Date, made once per second
  void append_request_id(std::string& out);
  void add(Connection& connection) { connections_.push_back(connection); }
  void connection_closed();

 private:
  struct Listener;
  struct Mailbox;
  void accept(std::shared_ptr<Listener> listener);
  bool accept_waiting(Listener& listener);
  void close_listener(Listener& listener);
  void admit(TcpSocket socket, const asio::ip::tcp::endpoint& peer, bool tls);
  void wake_at(runtime::Clock::time_point moment);
  void begin_filters();
  void sweep();
  void check_drained();

  std::size_t index_;
  asio::io_context io_{1};
  asio::executor_work_guard<Executor> work_;
  runtime::TimerWheel wheel_;
  SteadyTimer wheel_timer_;
  runtime::Timer sweep_timer_;
  runtime::Timer drain_timer_;
  net::Resolver resolver_;
  backend::Environment environment_;
  backend::Pool pool_;
  std::unique_ptr<json::Scratch, void (*)(json::Scratch*)> scratch_;
  backend::Fetcher fetcher_;
  std::shared_ptr<Mailbox> mailbox_;
  pipeline::Services services_;
  proxy::WorkerContext context_;
  telemetry::WorkerMetrics metrics_;
  telemetry::AccessLog* access_log_;
  std::shared_ptr<telemetry::Tracer> tracer_;
  proxy::ServingRef serving_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>> connections_;
  bool draining_ = false;
  std::function<void()> drained_;
  std::int64_t date_second_ = -1;
  std::string date_;
  std::uint64_t random_state_;
  std::thread thread_;
};

// A listening socket with SO_REUSEPORT, one per worker. Error names the address and the reason.
Result<int> open_listener(const std::string& address, std::uint16_t port);
// Whether somebody else listens there: binds once without SO_REUSEPORT. Returns the port (for port
// 0 the one chosen).
Result<std::uint16_t> probe_port(const std::string& address, std::uint16_t port);

}  // namespace ropewalk::server
