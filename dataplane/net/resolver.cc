#include "dataplane/net/resolver.h"

#include "common/keyed_table.h"
#include "common/strings.h"
#include "dataplane/net/dns_cache.h"

#include <ares.h>
#include <netinet/in.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace ropewalk::net {
namespace {

using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using namespace std::chrono_literals;

// How long a request waits for news of a name whose old addresses may still do.
constexpr auto kPatience = 300ms;

Resolver::Addresses addresses_of(const ares_addrinfo& answer) {
  Resolver::Addresses out;
  for (const ares_addrinfo_node* node = answer.nodes; node; node = node->ai_next) {
    asio::ip::address address;
    if (node->ai_family == AF_INET) {
      asio::ip::address_v4::bytes_type bytes;
      const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      std::memcpy(bytes.data(), &in->sin_addr, bytes.size());
      address = asio::ip::address_v4(bytes);
    } else if (node->ai_family == AF_INET6) {
      asio::ip::address_v6::bytes_type bytes;
      const auto* in = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      std::memcpy(bytes.data(), &in->sin6_addr, bytes.size());
      address = asio::ip::address_v6(bytes, in->sin6_scope_id);
    } else {
      continue;
    }
    if (std::ranges::find(out, address) == out.end()) out.push_back(address);
  }
  return out;
}

std::chrono::seconds ttl_of(const ares_addrinfo& answer) {
  int ttl = static_cast<int>(DnsCache::kLongest.count());
  for (const ares_addrinfo_node* node = answer.nodes; node; node = node->ai_next)
    ttl = std::min(ttl, node->ai_ttl);
  for (const ares_addrinfo_cname* name = answer.cnames; name; name = name->next)
    ttl = std::min(ttl, name->ttl);
  return std::chrono::seconds(ttl);
}

Result<std::vector<SrvRecord>> srv_records_of(int status, const unsigned char* answer, int length) {
  ares_srv_reply* replies = nullptr;
  if (status == ARES_SUCCESS) status = ares_parse_srv_reply(answer, length, &replies);
  if (status != ARES_SUCCESS) return fail(Kind::connect, ares_strerror(status));
  std::vector<SrvRecord> out;
  for (const ares_srv_reply* reply = replies; reply; reply = reply->next) {
    std::string target = reply->host;
    if (target.ends_with('.')) target.pop_back();
    if (!target.empty())  // "." stands for no such service (RFC 2782)
      out.push_back({reply->priority, reply->weight, reply->port, std::move(target)});
  }
  ares_free_data(replies);
  if (out.empty()) return fail(Kind::connect, "no such service");
  return out;
}

}  // namespace

struct Resolver::Impl : std::enable_shared_from_this<Impl> {
  // One lookup under way. It ends when c-ares says so; those who wait may be answered before.
  struct Lookup {
    explicit Lookup(const Executor& executor) : patience(executor) {}
    std::vector<Handler> waiting;
    SteadyTimer patience;
  };
  struct Query {
    Impl* impl;
    std::string name;
  };

  Impl(asio::io_context& io, std::chrono::milliseconds limit,
       std::function<Clock::time_point()> clock)
      : context(io), timeout(limit), now(std::move(clock)), timer(io.get_executor()) {}

  ~Impl() {
    closing = true;
    if (channel) ares_destroy(channel);
  }

  struct SrvQuery {
    Impl* impl;
    SrvHandler handler;
  };

  void open(const std::string& servers);
  void ask(const std::string& name, Handler handler);
  void ask_srv(const std::string& name, SrvHandler handler);
  void tell(SrvHandler handler, Result<std::vector<SrvRecord>> result);
  void join(Lookup& lookup, const std::string& name, Handler handler);
  void on_answer(const std::string& name, int status, const ares_addrinfo* answer);
  void out_of_patience(const std::string& name);
  void settle(Lookup& lookup, const std::string& name);
  void on_socket(int socket, bool readable, bool writable);
  void wait(int socket, Descriptor::wait_type what);
  void arm_timer();

  asio::io_context& context;
  const std::chrono::milliseconds timeout;
  const std::function<Clock::time_point()> now;
  SteadyTimer timer;
  ares_channel channel = nullptr;
  std::string unusable;  // why there is no channel
  DnsCache cache;
  KeyedMap<std::unique_ptr<Lookup>> lookups;

  // c-ares owns and closes the descriptors; here they only wait.
  struct Socket {
    Socket(const Executor& executor, int descriptor) : handle(executor) {
      // Where it cannot be watched (out of memory) c-ares runs into its own timeout.
      error_code ignored;
      handle.assign(descriptor, ignored);
    }
    Descriptor handle;
    bool readable = false, writable = false;  // what c-ares wants to know
    bool reading = false, writing = false;    // waits under way
  };
  std::unordered_map<int, std::shared_ptr<Socket>> sockets;
  bool closing = false;
};

void Resolver::Impl::open(const std::string& servers) {
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  ares_options options{};
  int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
  // Each try waits twice as long as the one before: two of them fit into the limit.
  options.timeout = static_cast<int>(std::max<std::int64_t>(timeout.count() / 4, 1));
  options.tries = 2;
  char files_then_dns[] = "fb";
  options.lookups = files_then_dns;
  options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Impl*>(self)->on_socket(socket, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  if (!servers.empty()) given |= ARES_OPT_DOMAINS;  // with none: names as they are
  int status =
      initialised == ARES_SUCCESS ? ares_init_options(&channel, &options, given) : initialised;
  if (status == ARES_SUCCESS && !servers.empty())
    status = ares_set_servers_ports_csv(channel, servers.c_str());
  if (status == ARES_SUCCESS) return;
  unusable = ares_strerror(status);
  if (channel) ares_destroy(std::exchange(channel, nullptr));
}

void Resolver::Impl::ask(const std::string& name, Handler handler) {
  auto& slot = lookups[name] = std::make_unique<Lookup>(context.get_executor());
  join(*slot, name, std::move(handler));
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // May answer within the call, e.g. from /etc/hosts.
  ares_getaddrinfo(
      channel, name.c_str(), nullptr, &hints,
      [](void* argument, int status, int, ares_addrinfo* answer) {
        const std::unique_ptr<Query> query(static_cast<Query*>(argument));
        query->impl->on_answer(query->name, status, answer);
        ares_freeaddrinfo(answer);
      },
      new Query{this, name});
  arm_timer();
}

void Resolver::Impl::ask_srv(const std::string& name, SrvHandler handler) {
  constexpr int kInternet = 1;
  constexpr int kSrv = 33;
  ares_search(
      channel, name.c_str(), kInternet, kSrv,
      [](void* argument, int status, int, unsigned char* answer, int length) {
        const std::unique_ptr<SrvQuery> query(static_cast<SrvQuery*>(argument));
        if (!query->impl->closing)
          query->impl->tell(std::move(query->handler), srv_records_of(status, answer, length));
      },
      new SrvQuery{this, std::move(handler)});
  arm_timer();
}

void Resolver::Impl::tell(SrvHandler handler, Result<std::vector<SrvRecord>> result) {
  asio::post(context, [weak = weak_from_this(), handler = std::move(handler),
                       result = std::move(result)]() mutable {
    if (weak.lock()) handler(std::move(result));
  });
}

void Resolver::Impl::join(Lookup& lookup, const std::string& name, Handler handler) {
  lookup.waiting.push_back(std::move(handler));
  if (lookup.waiting.size() > 1) return;
  lookup.patience.expires_after(
      cache.known(name) ? std::min<std::chrono::milliseconds>(kPatience, timeout) : timeout);
  lookup.patience.async_wait([weak = weak_from_this(), name](error_code ec) {
    const auto self = weak.lock();
    if (self && !ec) self->out_of_patience(name);
  });
}

void Resolver::Impl::on_answer(const std::string& name, int status, const ares_addrinfo* answer) {
  if (closing) return;
  Addresses addresses;
  if (status == ARES_SUCCESS && answer) addresses = addresses_of(*answer);
  if (!addresses.empty())
    cache.store(name, std::move(addresses), ttl_of(*answer), now());
  else
    cache.fail(name, ares_strerror(status == ARES_SUCCESS ? ARES_ENODATA : status), now());
  const auto lookup = std::move(lookups[name]);
  lookups.erase(name);
  lookup->patience.cancel();
  settle(*lookup, name);
}

void Resolver::Impl::out_of_patience(const std::string& name) {
  const auto found = lookups.find(name);
  if (found == lookups.end()) return;
  cache.fail(name, "no answer from DNS in time", now());
  settle(*found->second, name);
}

// Answers everybody who waits with what the cache knows now.
void Resolver::Impl::settle(Lookup& lookup, const std::string& name) {
  for (Handler& handler : std::exchange(lookup.waiting, {})) {
    Result<Addresses> result;
    if (const Addresses* known = cache.known(name))
      result = *known;
    else if (const std::string* reason = cache.failure(name, now()))
      result = fail(Kind::connect, "cannot resolve " + name + ": " + *reason);
    else
      result = fail(Kind::connect, "cannot resolve " + name);
    asio::post(context, [weak = weak_from_this(), handler = std::move(handler),
                         result = std::move(result)]() mutable {
      if (weak.lock()) handler(std::move(result));
    });
  }
}

void Resolver::Impl::on_socket(int number, bool readable, bool writable) {
  const auto found = sockets.find(number);
  if (!readable && !writable) {
    if (found == sockets.end()) return;
    // About to be closed by c-ares: the event loop forgets it first, which ends the waits.
    found->second->handle.release();
    sockets.erase(found);
    return;
  }
  if (closing) return;
  auto& socket = found != sockets.end() ? found->second : sockets[number];
  if (!socket) socket = std::make_shared<Socket>(context.get_executor(), number);
  socket->readable = readable;
  socket->writable = writable;
  wait(number, Descriptor::wait_read);
  wait(number, Descriptor::wait_write);
}

void Resolver::Impl::wait(int number, Descriptor::wait_type what) {
  const auto found = sockets.find(number);
  if (found == sockets.end()) return;
  const auto socket = found->second;
  const bool reads = what == Descriptor::wait_read;
  bool& waiting = reads ? socket->reading : socket->writing;
  if (waiting || !(reads ? socket->readable : socket->writable)) return;
  waiting = true;
  socket->handle.async_wait(what, [weak = weak_from_this(), socket, number, what](error_code ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    const bool read = what == Descriptor::wait_read;
    (read ? socket->reading : socket->writing) = false;
    ares_process_fd(self->channel, read ? number : ARES_SOCKET_BAD,
                    read ? ARES_SOCKET_BAD : number);
    // The number may stand for another socket by now: only this one waits on.
    if (const auto still = self->sockets.find(number);
        still != self->sockets.end() && still->second == socket)
      self->wait(number, what);
    self->arm_timer();
  });
}

void Resolver::Impl::arm_timer() {
  timeval left{};
  if (!ares_timeout(channel, nullptr, &left)) {
    timer.cancel();
    return;
  }
  timer.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
  timer.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    ares_process_fd(self->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->arm_timer();
  });
}

Resolver::Resolver(asio::io_context& context, std::chrono::milliseconds timeout,
                   const std::string& servers, std::function<Clock::time_point()> now)
    : impl_(std::make_shared<Impl>(context, timeout, std::move(now))) {
  impl_->open(servers);
}

Resolver::~Resolver() = default;

const Resolver::Addresses* Resolver::cached(const std::string& name) {
  return impl_->cache.fresh(name, impl_->now());
}

void Resolver::resolve(const std::string& name, Handler handler) {
  const auto now = impl_->now();
  if (!impl_->channel) impl_->cache.fail(name, impl_->unusable, now);
  if (!impl_->channel || impl_->cache.fresh(name, now) || impl_->cache.failure(name, now)) {
    Impl::Lookup known(impl_->context.get_executor());
    known.waiting.push_back(std::move(handler));
    impl_->settle(known, name);
    return;
  }
  const auto found = impl_->lookups.find(name);
  if (found == impl_->lookups.end())
    impl_->ask(name, std::move(handler));
  else
    impl_->join(*found->second, name, std::move(handler));
}

void Resolver::resolve_srv(const std::string& name, SrvHandler handler) {
  if (impl_->channel) return impl_->ask_srv(name, std::move(handler));
  impl_->tell(std::move(handler), fail(Kind::connect, impl_->unusable));
}

std::vector<Result<std::vector<SrvRecord>>> look_up(std::span<const std::string> names,
                                                    std::chrono::milliseconds timeout,
                                                    const std::string& servers) {
  std::vector<Result<std::vector<SrvRecord>>> out(
      names.size(), fail(Kind::connect, "no answer from DNS in time"));
  asio::io_context context;
  Resolver resolver(context, timeout, servers);
  std::size_t heard = 0;
  for (std::size_t i = 0; i < names.size(); ++i)
    resolver.resolve_srv(names[i], [&, i](Result<std::vector<SrvRecord>> records) {
      out[i] = std::move(records);
      ++heard;
    });
  const auto limit = Resolver::Clock::now() + timeout;
  while (heard < names.size() && context.run_one_until(limit) > 0) {
  }
  return out;
}

}  // namespace ropewalk::net
