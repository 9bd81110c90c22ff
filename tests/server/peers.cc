#include "tests/server/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace ropewalk::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool receive(int fd, std::string& into) {
  char block[4096];
  const ssize_t n = ::recv(fd, block, sizeof block, 0);
  if (n <= 0) return false;
  into.append(block, static_cast<std::size_t>(n));
  return true;
}

std::size_t content_length(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

int listen_on_loopback(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(listener, 128);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

int connect_to_loopback(std::uint16_t port, int receive_buffer) {
  const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer > 0)
    ::setsockopt(connection, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const sockaddr_in address = loopback(port);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return connection;
  ::close(connection);
  return -1;
}

Backend::Backend(std::function<std::string(const std::string&)> answer)
    : answer_(std::move(answer)) {
  listener_ = listen_on_loopback(port_);
  thread_ = std::thread([this] {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0 || stopping_) {
        if (connection >= 0) ::close(connection);
        return;
      }
      connections_.emplace_back([this, connection] { serve(connection); });
    }
  });
}

Backend::~Backend() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  for (std::thread& connection : connections_) connection.join();
}

void Backend::serve(int connection) {
  const timeval patience{0, 100'000};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string input;
  while (!stopping_) {
    const auto end = input.find("\r\n\r\n");
    if (end == std::string::npos ||
        input.size() < end + 4 + content_length(input.substr(0, end + 4))) {
      char block[4096];
      const ssize_t n = ::recv(connection, block, sizeof block, 0);
      if (n == 0) break;
      if (n > 0) input.append(block, static_cast<std::size_t>(n));
      continue;
    }
    const std::size_t size = end + 4 + content_length(input.substr(0, end + 4));
    const std::string request = input.substr(0, size);
    input.erase(0, size);
    ++requests_;
    const std::string answer = answer_(request);
    if (answer.empty()) break;
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  ::close(connection);
}

std::string json_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

Client::Client(std::uint16_t port, int receive_buffer)
    : fd_(connect_to_loopback(port, receive_buffer)) {
  const timeval patience{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

void Client::send(const std::string& bytes) {
  ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::size_t Client::send_what_is_taken(const std::string& bytes,
                                       std::chrono::milliseconds patience) {
  std::size_t sent = 0;
  pollfd room{fd_, POLLOUT, 0};
  while (sent < bytes.size() && ::poll(&room, 1, static_cast<int>(patience.count())) == 1) {
    const ssize_t n =
        ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void Client::finish_sending() { ::shutdown(fd_, SHUT_WR); }

std::string Client::read_answer() {
  for (;;) {
    const auto end = rest_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t whole = end + 4 + content_length(rest_.substr(0, end + 4));
      if (rest_.size() >= whole) {
        std::string answer = rest_.substr(0, whole);
        rest_.erase(0, whole);
        return answer;
      }
    }
    if (!receive(fd_, rest_)) return "";
  }
}

std::string Client::read_some() {
  receive(fd_, rest_);
  return std::exchange(rest_, "");
}

std::string Client::read_all() {
  while (receive(fd_, rest_)) {
  }
  return std::exchange(rest_, "");
}

std::string get(std::uint16_t port, const std::string& path) {
  Client client(port);
  client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.read_answer();
}

}  // namespace ropewalk::testing
