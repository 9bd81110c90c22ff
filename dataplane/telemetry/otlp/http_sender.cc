#include "dataplane/telemetry/otlp/http_sender.h"

#include "common/strings.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace ropewalk::telemetry {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostHead = 16 * 1024;
constexpr std::size_t kMostBody = 1 << 20;

std::unexpected<Error> broken(const std::string& what) {
  return fail(Kind::connect, what + ": " + std::strerror(errno));
}

class HttpSender final : public OtlpSender {
 public:
  HttpSender(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  ~HttpSender() override { close(); }

  Result<void> send(Signal signal, const std::string& message,
                    std::chrono::milliseconds timeout) override {
    until_ = Clock::now() + timeout;
    std::string request = signal == Signal::traces ? "POST /v1/traces" : "POST /v1/metrics";
    request += " HTTP/1.1\r\nHost: " + host_ + ":" + std::to_string(port_) +
               "\r\nContent-Type: application/x-protobuf\r\nContent-Length: " +
               std::to_string(message.size()) + "\r\n\r\n" + message;
    // A kept connection may have been closed by the other side meanwhile: once more on a new one.
    const bool kept = socket_ >= 0;
    auto sent = exchange(request);
    if (!sent && kept) sent = exchange(request);
    return sent;
  }

 private:
  Result<void> exchange(const std::string& request) {
    if (socket_ < 0)
      if (auto connected = connect(); !connected) return connected;
    auto done = write(request);
    if (done) done = read_answer();
    if (!done) close();
    return done;
  }

  Result<void> connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string name =
        host_.starts_with('[') && host_.ends_with(']') ? host_.substr(1, host_.size() - 2) : host_;
    if (const int error =
            ::getaddrinfo(name.c_str(), std::to_string(port_).c_str(), &hints, &found))
      return fail(Kind::connect, host_ + ": " + ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const addrinfo* one = found; one; one = one->ai_next) {
      socket_ = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (socket_ < 0) continue;
      if (::connect(socket_, one->ai_addr, one->ai_addrlen) == 0) return {};
      if (errno == EINPROGRESS && wait(POLLOUT)) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0) return {};
        errno = error;
      }
      const int reason = errno;
      close();
      errno = reason;
    }
    return broken("no connection to " + host_ + ":" + std::to_string(port_));
  }

  bool wait(short what) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
    pollfd ready{socket_, what, 0};
    if (left > 0 && ::poll(&ready, 1, static_cast<int>(left)) > 0) return true;
    errno = ETIMEDOUT;
    return false;
  }

  Result<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0)
        bytes.remove_prefix(static_cast<std::size_t>(n));
      else if (errno != EAGAIN || !wait(POLLOUT))
        return broken("cannot send");
    }
    return {};
  }

  Result<void> read_more(std::string& into) {
    std::array<char, 4096> piece{};
    for (;;) {
      const ssize_t n = ::recv(socket_, piece.data(), piece.size(), 0);
      if (n > 0) {
        into.append(piece.data(), static_cast<std::size_t>(n));
        return {};
      }
      if (n == 0) return fail(Kind::reset, "the collector closed the connection");
      if (errno != EAGAIN || !wait(POLLIN)) return broken("no answer");
    }
  }

  // The status decides; the body is read over so that the connection can be kept.
  Result<void> read_answer() {
    std::string text;
    std::size_t head = std::string::npos;
    while ((head = text.find("\r\n\r\n")) == std::string::npos) {
      if (text.size() > kMostHead) return fail(Kind::protocol, "the answer's head has no end");
      if (auto more = read_more(text); !more) return more;
    }
    if (!text.starts_with("HTTP/1.") || text.size() < 12)
      return fail(Kind::protocol, "the answer is no HTTP");
    const std::string status = text.substr(9, 3);
    std::size_t length = std::string::npos;
    for (const std::string_view line : split(std::string_view(text).substr(0, head), '\n'))
      if (const auto colon = line.find(':');
          colon != std::string_view::npos && iequals(line.substr(0, colon), "content-length")) {
        const std::string_view digits = trim(line.substr(colon + 1), " \t\r");
        std::from_chars(digits.data(), digits.data() + digits.size(), length);
      }
    if (length > kMostBody) {
      close();  // of unknown length: not worth the wait
    } else {
      while (text.size() < head + 4 + length)
        if (auto more = read_more(text); !more) return more;
    }
    if (status.starts_with('2')) return {};
    return fail(Kind::status, "the collector answered " + status);
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  const std::string host_;
  const std::uint16_t port_;
  int socket_ = -1;
  Clock::time_point until_;
};

}  // namespace

std::unique_ptr<OtlpSender> make_http_sender(std::string host, std::uint16_t port) {
  return std::make_unique<HttpSender>(std::move(host), port);
}

}  // namespace ropewalk::telemetry
