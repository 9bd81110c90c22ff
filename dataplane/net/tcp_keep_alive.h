// TCP keep-alive: a peer that went without a word (power cut, lost network) is noticed, or its
// connection would be held for ever.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>

namespace ropewalk::net {

// After so long without a byte the peer is asked whether it is still there. As Go does since 1.23:
// every 15 s, nine times, then the connection ends with an error. A kernel that refuses one of the
// options has its own. Of a listening socket: for all that it accepts.
inline void probe_when_silent(int socket, std::chrono::seconds idle) {
  const auto set = [socket](int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(idle.count()));
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);  // s
  set(IPPROTO_TCP, TCP_KEEPCNT, 9);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
}

}  // namespace ropewalk::net
