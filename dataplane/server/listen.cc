#include "dataplane/net/tcp_keep_alive.h"
#include "dataplane/server/worker.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace ropewalk::server {
namespace {

// What Go's servers, and so KrakenD, ask of a connection that they accept.
constexpr std::chrono::seconds kClientSilence{15};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// "" means every address, IPv6 and IPv4, where the kernel has IPv6.
Result<SocketAddress> socket_address(const std::string& address, std::uint16_t port, int family) {
  SocketAddress out;
  asio::ip::address parsed = family == AF_INET6 ? asio::ip::address(asio::ip::address_v6::any())
                                                : asio::ip::address(asio::ip::address_v4::any());
  if (!address.empty()) {
    error_code error;
    parsed = asio::ip::make_address(address, error);
    if (error) return fail(Kind::config, "listen_ip " + address + " is no IP address");
  }
  const asio::ip::tcp::endpoint endpoint(parsed, port);
  std::memcpy(&out.storage, endpoint.data(), endpoint.size());
  out.size = static_cast<socklen_t>(endpoint.size());
  return out;
}

Result<int> bound_socket(const std::string& address, std::uint16_t port, bool reuse_port) {
  int family = AF_INET6;
  if (!address.empty()) family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 && address.empty()) {
    family = AF_INET;
    fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  }
  const std::string shown = (address.empty() ? "port " : address + " port ") + std::to_string(port);
  if (fd < 0) return fail(Kind::io, "cannot listen on " + shown + ": " + std::strerror(errno));
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6 && address.empty())
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (reuse_port) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  const auto where = socket_address(address, port, family);
  if (!where) {
    ::close(fd);
    return std::unexpected(where.error());
  }
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&where->storage), where->size) != 0) {
    const int reason = errno;
    ::close(fd);
    return fail(Kind::io,
                "cannot listen on " + shown + ": " +
                    (reason == EADDRINUSE ? "the port is in use" : std::strerror(reason)));
  }
  return fd;
}

}  // namespace

Result<int> open_listener(const std::string& address, std::uint16_t port) {
  auto fd = bound_socket(address, port, true);
  if (!fd) return fd;
  // What is accepted has the options of its listener (Linux).
  net::probe_when_silent(*fd, kClientSilence);
  if (::listen(*fd, 4096) != 0) {
    const int reason = errno;
    ::close(*fd);
    return fail(Kind::io,
                "cannot listen on port " + std::to_string(port) + ": " + std::strerror(reason));
  }
  return fd;
}

Result<std::uint16_t> probe_port(const std::string& address, std::uint16_t port) {
  const auto fd = bound_socket(address, port, false);
  if (!fd) return std::unexpected(fd.error());
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &size);
  // A listening neighbour with SO_REUSEADDR is noticed by listen, not by bind, on some kernels.
  const bool free = ::listen(*fd, 1) == 0;
  ::close(*fd);
  if (!free)
    return fail(Kind::io, "cannot listen on port " + std::to_string(port) + ": the port is in use");
  const auto network = bound.ss_family == AF_INET6
                           ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port;
  return ntohs(network);
}

}  // namespace ropewalk::server
