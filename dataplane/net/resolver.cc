#include "dataplane/net/resolver.h"

#include "common/keyed_table.h"
#include "common/strings.h"
#include "dataplane/net/dns_cache.h"
#include "dataplane/net/dns_channel.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace ropewalk::net {
namespace {

using namespace std::chrono_literals;

// How long a request waits for news of a name whose old addresses may still do.
constexpr auto kPatience = 300ms;
// How often lookups look whether the system's configuration is another.
constexpr auto kLook = 5s;

// What changes when a file gets other contents, or another file takes its name.
struct Stamp {
  dev_t device;
  ino_t inode;
  off_t size;
  std::chrono::nanoseconds changed;
  bool operator==(const Stamp&) const = default;
};

std::optional<Stamp> stamp_of(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return Stamp{
      found.st_dev, found.st_ino, found.st_size,
      std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec)};
}

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

  Impl(asio::io_context& io, DnsChannel::Options wanted, std::function<Clock::time_point()> clock)
      : context(io), options(std::move(wanted)), now(std::move(clock)) {
    open();
  }

  void open();
  void follow_system();
  void ask(const std::string& name, Handler handler);
  void ask_srv(const std::string& name, SrvHandler handler);
  void tell(SrvHandler handler, Result<std::vector<SrvRecord>> result);
  void join(Lookup& lookup, const std::string& name, Handler handler);
  void on_answer(const std::string& name, int status, const ares_addrinfo* answer);
  void out_of_patience(const std::string& name);
  void settle(Lookup& lookup, const std::string& name);

  asio::io_context& context;
  const DnsChannel::Options options;
  const std::function<Clock::time_point()> now;
  std::string unusable;  // why there is no channel
  DnsCache cache;
  KeyedMap<std::unique_ptr<Lookup>> lookups;
  std::optional<Stamp> stamp;  // of the configuration that the channel has
  Clock::time_point look_at;
  // After what they call; a channel that is replaced ends when its queries have ended.
  std::shared_ptr<DnsChannel> channel;
  std::vector<std::shared_ptr<DnsChannel>> replaced;
};

// Keeps the old channel where the new configuration makes none.
void Resolver::Impl::open() {
  look_at = now() + kLook;
  const auto current = stamp_of(options.resolv_conf);  // before it is read: what follows is seen
  auto opened = DnsChannel::open(context, options);
  if (!opened) {
    unusable = std::move(opened.error().message);
    return;
  }
  stamp = current;
  if (channel) replaced.push_back(std::move(channel));
  channel = std::move(*opened);
}

// Before a query, never within one.
void Resolver::Impl::follow_system() {
  std::erase_if(replaced, [](const auto& old) { return old->queries() == 0; });
  if (!options.servers.empty() || now() < look_at) return;
  look_at = now() + kLook;
  const auto current = stamp_of(options.resolv_conf);
  // Without a file, or with nothing in it, somebody is about to write it.
  if (current && current->size > 0 && current != stamp) open();
}

void Resolver::Impl::ask(const std::string& name, Handler handler) {
  auto& slot = lookups[name] = std::make_unique<Lookup>(context.get_executor());
  join(*slot, name, std::move(handler));
  channel->ask_addresses(name, [this, name](int status, const ares_addrinfo* answer) {
    on_answer(name, status, answer);
  });
}

void Resolver::Impl::ask_srv(const std::string& name, SrvHandler handler) {
  channel->ask_srv(name, [this, handler = std::move(handler)](
                             int status, const unsigned char* packet, int length) mutable {
    tell(std::move(handler), srv_records_of(status, packet, length));
  });
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
      cache.known(name) ? std::min<std::chrono::milliseconds>(kPatience, options.timeout)
                        : options.timeout);
  lookup.patience.async_wait([weak = weak_from_this(), name](error_code ec) {
    const auto self = weak.lock();
    if (self && !ec) self->out_of_patience(name);
  });
}

void Resolver::Impl::on_answer(const std::string& name, int status, const ares_addrinfo* answer) {
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

Resolver::Resolver(asio::io_context& context, std::chrono::milliseconds timeout,
                   const std::string& servers, std::function<Clock::time_point()> now,
                   const System& system)
    : impl_(std::make_shared<Impl>(
          context, DnsChannel::Options{timeout, servers, system.resolv_conf, system.port},
          std::move(now))) {}

Resolver::~Resolver() = default;

const Resolver::Addresses* Resolver::cached(const std::string& name) {
  return impl_->cache.fresh(name, impl_->now());
}

void Resolver::resolve(const std::string& name, Handler handler) {
  const auto now = impl_->now();
  impl_->follow_system();
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
  impl_->follow_system();
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
