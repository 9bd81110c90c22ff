#include "dataplane/server/worker.h"

#include "common/log.h"
#include "common/strings.h"
#include "dataplane/http/writer.h"

#include <boost/asio/post.hpp>

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <mutex>
#include <random>

namespace ropewalk::server {
namespace {

using runtime::Clock;
using namespace std::chrono_literals;

constexpr auto kSweep = 10s;
// After a drain has begun an idle keep-alive connection may still bring a request for this long.
constexpr auto kDrainIdle = 1s;

std::uint64_t seed() {
  std::random_device system;
  return std::uint64_t{system()} << 32U | system();
}

}  // namespace

struct Worker::Listener {
  Listener(asio::io_context& io, int descriptor, std::uint16_t bound_port,
           std::string bound_address, bool secure)
      : acceptor(io), port(bound_port), address(std::move(bound_address)), tls(secure) {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size);
    acceptor.assign(local.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(),
                    descriptor);
    acceptor.non_blocking(true);
  }
  TcpAcceptor acceptor;
  std::uint16_t port;
  std::string address;
  bool tls;
  bool closed = false;
};

// Where any thread posts to, also one that does not know of the worker's end.
struct Worker::Mailbox {
  explicit Mailbox(asio::io_context& context) : io(&context) {}
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex);
    if (io) asio::post(*io, std::move(task));
  }
  void close() {
    const std::lock_guard lock(mutex);
    io = nullptr;
  }
  std::mutex mutex;
  asio::io_context* io;  // guarded; null: nothing is taken any more
};

Worker::Worker(std::size_t index, std::size_t workers, telemetry::AccessLog* access_log,
               std::shared_ptr<const backend::ProxyRules> proxies)
    : index_(index),
      work_(io_.get_executor()),
      wheel_(Clock::now()),
      wheel_timer_(io_),
      sweep_timer_([](void* self) { static_cast<Worker*>(self)->sweep(); }, this),
      drain_timer_([](void* self) { static_cast<Worker*>(self)->check_drained(); }, this),
      resolver_(io_),
      environment_{io_, wheel_, resolver_},
      pool_(std::move(proxies)),
      scratch_(json::make_scratch()),
      fetcher_(environment_, pool_),
      mailbox_(std::make_shared<Mailbox>(io_)),
      services_{
          index, workers, wheel_,
          [this](pipeline::FetchRequest request, pipeline::FetchDone done) {
            const auto has = [&](std::string_view name) {
              return std::ranges::any_of(
                  request.headers, [&](const auto& field) { return iequals(field.first, name); });
            };
            if (!has("User-Agent"))
              request.headers.emplace_back("User-Agent", serving_->graph().identity.user_agent);
            if (!has("Accept-Encoding")) request.headers.emplace_back("Accept-Encoding", "gzip");
            fetcher_.fetch(std::move(request), std::move(done));
          },
          [mailbox = mailbox_](std::function<void()> task) { mailbox->post(std::move(task)); }},
      context_{environment_, pool_, *scratch_, services_, {}, 0},
      access_log_(access_log),
      random_state_(seed()) {
  wheel_.on_earlier([this](Clock::time_point moment) { wake_at(moment); });
}

Worker::~Worker() {
  halt();
  clear();
}

void Worker::halt() {
  if (!thread_.joinable()) return;
  post([](Worker& worker) { worker.stop(); });
  thread_.join();
}

void Worker::clear() {
  mailbox_->close();
  while (!connections_.empty()) connections_.front().shut();
  context_.background.clear();
  fetcher_.stop();
  io_.poll();  // lets cancelled operations give their objects back
}

void Worker::start() {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), ("worker-" + std::to_string(index_)).c_str());
    io_.run();
  });
}

void Worker::post(std::function<void(Worker&)> task) {
  asio::post(io_, [this, task = std::move(task)] { task(*this); });
}

void Worker::wake_at(Clock::time_point moment) {
  wheel_timer_.expires_at(moment);
  wheel_timer_.async_wait([this](const error_code& error) {
    if (!error) wheel_.advance(Clock::now());
  });
}

void Worker::serve(std::shared_ptr<const compile::Snapshot> snapshot) {
  const bool first = index_ == 0;
  serving_ = new proxy::Serving(std::move(snapshot), pool_, metrics_, index_);
  // The share of one worker, rounded up: each may keep at least one.
  const std::size_t idle = serving_->graph().settings.max_idle;
  pool_.bound_idle((idle + services_.workers - 1) / services_.workers);
  if (first) begin_filters();
  if (!sweep_timer_.armed()) wheel_.arm(sweep_timer_, Clock::now() + kSweep);
}

// What gates and filters fetch ahead of the first request, once for all workers.
void Worker::begin_filters() {
  const compile::Graph& graph = serving_->graph();
  for (const auto& gate : graph.gates) gate->begin(services_);
  for (const compile::EndpointPlan& plan : graph.endpoints) {
    for (const auto& gate : plan.gates) gate->begin(services_);
    for (const auto& filter : plan.filters) filter->begin(services_);
    for (const compile::BackendPlan& backend : plan.backends)
      for (const auto& filter : backend.filters) filter->begin(services_);
  }
}

// Idle connections that are too old, and pools that no configuration names any more.
void Worker::sweep() {
  pool_.sweep(Clock::now() - serving_->graph().settings.backend_idle_timeout);
  wheel_.arm(sweep_timer_, Clock::now() + kSweep);
}

void Worker::listen(int descriptor, std::uint16_t port, const std::string& address, bool tls) {
  listeners_.push_back(std::make_shared<Listener>(io_, descriptor, port, address, tls));
  accept(listeners_.back());
}

void Worker::change_listener(std::uint16_t port, const std::string& address, bool tls) {
  for (const auto& listener : listeners_) {
    // What waits to be accepted has met nothing of the old configuration: it is of the new kind.
    if (listener->port == port && listener->address == address) listener->tls = tls;
  }
  for (auto it = connections_.begin(); it != connections_.end();) {
    Connection& connection = *it++;
    if (connection.local_port() == port && connection.tls() != tls) connection.retire();
  }
}

void Worker::accept(std::shared_ptr<Listener> listener) {
  TcpAcceptor& acceptor = listener->acceptor;
  acceptor.async_wait(TcpAcceptor::wait_read,
                      [this, listener = std::move(listener)](const error_code& error) {
                        if (error || listener->closed) return;
                        if (!accept_waiting(*listener)) {
                          // No descriptor is free: looking again at once would spin.
                          log::warning("cannot accept connections: no file descriptor is free");
                          auto pause = std::make_shared<SteadyTimer>(io_, 100ms);
                          pause->async_wait([this, listener, pause](const error_code&) {
                            if (!listener->closed) accept(listener);
                          });
                          return;
                        }
                        accept(listener);
                      });
}

// Takes every connection that waits. False: the process has no descriptor left.
bool Worker::accept_waiting(Listener& listener) {
  for (;;) {
    TcpSocket socket(io_);
    asio::ip::tcp::endpoint peer;
    error_code error;
    listener.acceptor.accept(socket, peer, error);
    if (!error) {
      admit(std::move(socket), peer, listener.tls);
      continue;
    }
    if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
    return error != asio::error::no_descriptors && error.value() != ENFILE;
  }
}

void Worker::admit(TcpSocket socket, const asio::ip::tcp::endpoint& peer, bool tls) {
  if (tls && !serving_->snapshot().tls) return;  // no certificate yet: nothing could be said
  ++metrics_.server.connections_accepted;
  const runtime::Ref<Connection> connection(new Connection(*this, std::move(socket), peer));
  add(*connection);
  connection->start(tls);
}

void Worker::close_listener(Listener& listener) {
  accept_waiting(listener);
  listener.closed = true;
  error_code ignored;
  listener.acceptor.close(ignored);
}

void Worker::stop_listening(std::uint16_t port, const std::string& address) {
  std::erase_if(listeners_, [&](const auto& listener) {
    if (listener->port != port || listener->address != address) return false;
    close_listener(*listener);
    return true;
  });
}

void Worker::stop_listening() {
  for (const auto& listener : listeners_) close_listener(*listener);
  listeners_.clear();
}

void Worker::drain(std::chrono::nanoseconds deadline, std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  stop_listening();
  if (deadline.count() > 0) {
    auto limit = std::make_shared<SteadyTimer>(io_, deadline);
    limit->async_wait([this, limit](const error_code&) { cut(); });
  }
  if (connections_.empty())
    check_drained();
  else
    wheel_.arm(drain_timer_, Clock::now() + kDrainIdle);
}

void Worker::cut() {
  metrics_.server.requests_given_up += metrics_.server.requests_in_flight;
  while (!connections_.empty()) connections_.front().shut();
  check_drained();
}

void Worker::check_drained() {
  if (!draining_ || !drained_) return;
  for (auto it = connections_.begin(); it != connections_.end();) {
    Connection& connection = *it++;
    if (connection.idle()) connection.shut();
  }
  if (!drained_) return;  // the last of them has said so (connection_closed)
  if (connections_.empty()) {
    drain_timer_.cancel();
    std::exchange(drained_, nullptr)();
    return;
  }
  wheel_.arm(drain_timer_, Clock::now() + 100ms);
}

void Worker::connection_closed() {
  if (draining_ && connections_.empty() && drained_) std::exchange(drained_, nullptr)();
}

void Worker::stop() {
  stop_listening();
  cut();
  work_.reset();
  io_.stop();
}

std::string_view Worker::date() {
  const std::int64_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    const auto text = http::http_date(second);
    date_.assign(text.data(), text.size());
  }
  return date_;
}

// splitmix64, seeded by the system: unique enough to find a request in the logs, no secret.
std::uint64_t Worker::random() {
  std::uint64_t z = random_state_ += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

void Worker::append_request_id(std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const std::uint64_t z = random();
  for (int shift = 60; shift >= 0; shift -= 4) out += kHex[(z >> shift) & 15];
}

}  // namespace ropewalk::server
