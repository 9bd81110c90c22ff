#include "cmd/controller/problems.h"

#include "controller/app/problems.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ropewalk::controller {
namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t kLargest = 64 << 20;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> unreachable(const std::string& admin, const std::string& reason) {
  return fail(Kind::connect, "no controller answers at " + admin + ": " + reason +
                                 " (--admin names its admin listener)");
}

Result<std::string> http_get(const std::string& admin, const std::string& request) {
  const auto colon = admin.rfind(':');
  if (colon == std::string::npos)
    return fail(Kind::config, "--admin " + admin + ": expected HOST:PORT");
  std::string host = admin.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(host.empty() ? "localhost" : host.c_str(),
                                     admin.substr(colon + 1).c_str(), &hints, &found);
      failed != 0)
    return unreachable(admin, gai_strerror(failed));
  const Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const int connected = ::connect(socket.get(), found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (connected != 0 || ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return unreachable(admin, std::strerror(errno));
  std::string answer;
  char piece[16384];
  for (;;) {
    const ssize_t got = ::recv(socket.get(), piece, sizeof piece, 0);
    if (got < 0) return unreachable(admin, std::strerror(errno));
    if (got == 0) return answer;
    answer.append(piece, static_cast<std::size_t>(got));
    if (answer.size() > kLargest) return unreachable(admin, "its answer has no end");
  }
}

Result<std::vector<ReportedProblem>> ask(const std::string& admin) {
  const auto answer =
      http_get(admin, "GET /problems HTTP/1.1\r\nHost: " + admin + "\r\nConnection: close\r\n\r\n");
  if (!answer) return std::unexpected(answer.error());
  const auto body = answer->find("\r\n\r\n");
  if (!answer->starts_with("HTTP/1.1 200") || body == std::string::npos)
    return unreachable(admin, "what answers is no controller");
  return problems_from_json(std::string_view(*answer).substr(body + 4));
}

}  // namespace

int print_problems(const std::string& admin) {
  const auto problems = ask(admin);
  if (!problems) {
    std::fprintf(stderr, "%s\n", problems.error().message.c_str());
    return 1;
  }
  std::fputs(problems_table(*problems).c_str(), stdout);
  return 0;
}

}  // namespace ropewalk::controller
