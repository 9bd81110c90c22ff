#include "dataplane/net/dns_channel.h"

#include <algorithm>
#include <utility>

namespace ropewalk::net {

DnsChannel::DnsChannel(asio::io_context& context)
    : context_(context), timer_(context.get_executor()) {}

DnsChannel::~DnsChannel() {
  closing_ = true;
  if (channel_) ares_destroy(channel_);
}

Result<std::shared_ptr<DnsChannel>> DnsChannel::open(asio::io_context& context,
                                                     const Options& options) {
  std::shared_ptr<DnsChannel> out(new DnsChannel(context));
  if (auto made = out->init(options); !made) return std::unexpected(std::move(made.error()));
  return out;
}

Result<void> DnsChannel::init(const Options& options) {
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  ares_options wanted{};
  int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB |
              ARES_OPT_RESOLVCONF;
  // Each try waits twice as long as the one before: two of them fit into the limit.
  wanted.timeout = static_cast<int>(std::max<std::int64_t>(options.timeout.count() / 4, 1));
  wanted.tries = 2;
  char files_then_dns[] = "fb";
  wanted.lookups = files_then_dns;
  std::string resolv_conf = options.resolv_conf;
  wanted.resolvconf_path = resolv_conf.data();
  wanted.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<DnsChannel*>(self)->on_socket(socket, readable != 0, writable != 0);
  };
  wanted.sock_state_cb_data = this;
  if (options.port != 0) given |= ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT;
  wanted.udp_port = wanted.tcp_port = options.port;
  if (!options.servers.empty()) given |= ARES_OPT_DOMAINS;  // with none: names as they are
  int status =
      initialised == ARES_SUCCESS ? ares_init_options(&channel_, &wanted, given) : initialised;
  if (status == ARES_SUCCESS && !options.servers.empty())
    status = ares_set_servers_ports_csv(channel_, options.servers.c_str());
  if (status != ARES_SUCCESS) return fail(Kind::connect, ares_strerror(status));
  return {};
}

template <class Handler, class... Answer>
void DnsChannel::answered(void* argument, Answer... answer) {
  const std::unique_ptr<Query<Handler>> query(static_cast<Query<Handler>*>(argument));
  --query->channel.queries_;
  if (!query->channel.closing_) query->handler(answer...);
}

void DnsChannel::ask_addresses(const std::string& name, AddressesHandler handler) {
  ++queries_;
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // May answer within the call, e.g. from /etc/hosts.
  ares_getaddrinfo(
      channel_, name.c_str(), nullptr, &hints,
      [](void* query, int status, int, ares_addrinfo* answer) {
        answered<AddressesHandler>(query, status, answer);
        ares_freeaddrinfo(answer);
      },
      new Query<AddressesHandler>{*this, std::move(handler)});
  arm_timer();
}

void DnsChannel::ask_srv(const std::string& name, PacketHandler handler) {
  constexpr int kInternet = 1;
  constexpr int kSrv = 33;
  ++queries_;
  ares_search(
      channel_, name.c_str(), kInternet, kSrv,
      [](void* query, int status, int, unsigned char* packet, int length) {
        answered<PacketHandler>(query, status, packet, length);
      },
      new Query<PacketHandler>{*this, std::move(handler)});
  arm_timer();
}

void DnsChannel::on_socket(int number, bool readable, bool writable) {
  const auto found = sockets_.find(number);
  if (!readable && !writable) {
    if (found == sockets_.end()) return;
    // About to be closed by c-ares: the event loop forgets it first, which ends the waits.
    found->second->handle.release();
    sockets_.erase(found);
    return;
  }
  if (closing_) return;
  auto& socket = found != sockets_.end() ? found->second : sockets_[number];
  if (!socket) socket = std::make_shared<Socket>(context_.get_executor(), number);
  socket->readable = readable;
  socket->writable = writable;
  wait(number, Descriptor::wait_read);
  wait(number, Descriptor::wait_write);
}

void DnsChannel::wait(int number, Descriptor::wait_type what) {
  const auto found = sockets_.find(number);
  if (found == sockets_.end()) return;
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
    ares_process_fd(self->channel_, read ? number : ARES_SOCKET_BAD,
                    read ? ARES_SOCKET_BAD : number);
    // The number may stand for another socket by now: only this one waits on.
    if (const auto still = self->sockets_.find(number);
        still != self->sockets_.end() && still->second == socket)
      self->wait(number, what);
    self->arm_timer();
  });
}

void DnsChannel::arm_timer() {
  timeval left{};
  if (!ares_timeout(channel_, nullptr, &left)) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
  timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->arm_timer();
  });
}

}  // namespace ropewalk::net
