// What a ClusterIP Service does: each connection goes to the next one of several ports of this
// machine that accepts it.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <cstdint>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ropewalk {

class Splitter {
 public:
  explicit Splitter(std::vector<std::uint16_t> ports) : ports_(std::move(ports)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = at(0);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Splitter() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (const int end : ends_) ::shutdown(end, SHUT_RDWR);
    for (std::thread& pump : pumps_) pump.join();
    for (const int end : ends_) ::close(end);
    ::close(listener_);
  }
  Splitter(const Splitter&) = delete;
  Splitter& operator=(const Splitter&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  static sockaddr_in at(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
  }

  int connect_to_next() {
    for (std::size_t tries = 0; tries < ports_.size(); ++tries) {
      const sockaddr_in address = at(ports_[next_++ % ports_.size()]);
      const int end = ::socket(AF_INET, SOCK_STREAM, 0);
      if (::connect(end, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return end;
      ::close(end);
    }
    return -1;
  }

  void accept() {
    for (;;) {
      const int near = ::accept(listener_, nullptr, nullptr);
      if (near < 0) return;
      const int far = connect_to_next();
      if (far < 0) {
        ::close(near);
        continue;
      }
      ends_.insert(ends_.end(), {near, far});
      pumps_.emplace_back([near, far] { pump(near, far); });
      pumps_.emplace_back([near, far] { pump(far, near); });
    }
  }

  static void pump(int from, int to) {
    char piece[4096];
    for (;;) {
      const ssize_t got = ::recv(from, piece, sizeof piece, 0);
      if (got <= 0) break;
      for (ssize_t sent = 0; sent < got;) {
        const ssize_t now =
            ::send(to, piece + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (now <= 0) break;
        sent += now;
      }
    }
    ::shutdown(to, SHUT_WR);
  }

  const std::vector<std::uint16_t> ports_;
  std::size_t next_ = 0;  // acceptor only, like what follows until it has ended
  std::vector<int> ends_;
  std::list<std::thread> pumps_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
};

}  // namespace ropewalk
