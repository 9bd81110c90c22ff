#include "common/admin/admin_server.h"

#include "common/asio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <vector>

namespace ropewalk::admin {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A plain blocking client; a read that takes over 5 s fails the test.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_.get_executor()) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval limit{5, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  void send(std::string_view text) {
    error_code ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }
  // Everything until the server closes; "<silent>" at the end when it does not.
  std::string read_all() {
    std::string out;
    char block[4096];
    for (;;) {
      const ssize_t n = ::recv(socket_.native_handle(), block, sizeof block, 0);
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return out + "<silent>";
      if (n <= 0) return out;
      out.append(block, static_cast<std::size_t>(n));
    }
  }
  // One answer with its Content-Length.
  std::string read_answer() {
    std::string out;
    const std::size_t head =
        asio::read_until(socket_, asio::dynamic_buffer(out), std::string("\r\n\r\n"));
    const auto at = out.find("Content-Length: ");
    const std::size_t whole = head + std::strtoul(out.c_str() + at + 16, nullptr, 10);
    if (out.size() < whole)
      asio::read(socket_, asio::dynamic_buffer(out), asio::transfer_exactly(whole - out.size()));
    return out;
  }

 private:
  asio::io_context context_;
  TcpSocket socket_;
};

std::unique_ptr<AdminServer> started(const std::string& address = "127.0.0.1:0") {
  auto server = AdminServer::listen(address);
  EXPECT_TRUE(server.has_value()) << server.error().message;
  (*server)->handle("/healthz", [](std::string_view) { return Answer{.body = "ok\n"}; });
  (*server)->handle("/readyz", [](std::string_view) {
    return Answer{.status = 503, .body = "no configuration yet\n"};
  });
  (*server)->handle("/config", [](std::string_view query) {
    return Answer{.content_type = "application/json",
                  .body = "{\"query\":\"" + std::string(query) + "\"}"};
  });
  (*server)->start();
  return std::move(*server);
}

std::string ask(const AdminServer& server, std::string_view request) {
  Client client(server.port());
  client.send(request);
  return client.read_all();
}

std::string get(const AdminServer& server, const std::string& target,
                const std::string& method = "GET") {
  return ask(server, method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(AdminServer, Answers) {
  const auto server = started();
  struct Case {
    std::string method, target, status, body;
  };
  for (const Case& c : {Case{"GET", "/healthz", "200 OK", "\r\n\r\nok\n"},
                        {"HEAD", "/healthz", "200 OK", "\r\n\r\n"},
                        {"GET", "/readyz", "503 Service Unavailable", "no configuration yet\n"},
                        {"GET", "/config?a=1&b", "200 OK", "{\"query\":\"a=1&b\"}"},
                        {"GET", "/config", "200 OK", "{\"query\":\"\"}"},
                        {"GET", "/", "404 Not Found", "not found\n"},
                        {"GET", "/healthz/", "404 Not Found", "not found\n"},
                        {"POST", "/nowhere", "404 Not Found", "not found\n"},
                        {"POST", "/healthz", "405 Method Not Allowed", "only GET and HEAD\n"},
                        {"DELETE", "/config", "405 Method Not Allowed", "only GET and HEAD\n"}})
    EXPECT_THAT(get(*server, c.target, c.method),
                AllOf(StartsWith("HTTP/1.1 " + c.status + "\r\n"), EndsWith(c.body)))
        << c.method << ' ' << c.target;
  EXPECT_THAT(get(*server, "/config"), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(get(*server, "/healthz", "HEAD"), HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(get(*server, "/healthz", "PUT"), HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST(AdminServer, KeepsConnectionsAndAnswersPipelinedRequests) {
  const auto server = started();
  Client client(server->port());
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(request);
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nok\n"));
  client.send(request + "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(),
              AllOf(HasSubstr("\r\n\r\nok\nHTTP/1.1 503 "), EndsWith("no configuration yet\n")));
}

TEST(AdminServer, RefusesWhatIsNoSmallRequest) {
  const auto server = started();
  EXPECT_THAT(ask(*server, "nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(*server, "GET /healthz HTTP/1.1\r\nX: " + std::string(10000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, "POST /healthz HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST(AdminServer, IdleConnectionsNeverLockOutAProbe) {
  const auto server = started();
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(std::make_unique<Client>(server->port()));
    idle.back()->send("GET /heal");
  }
  EXPECT_THAT(get(*server, "/healthz"), EndsWith("ok\n"));
  EXPECT_EQ(idle.front()->read_all(), "");  // closed to make room
}

TEST(AdminServer, StopsWithOpenConnections) {
  auto server = started();
  Client client(server->port());
  client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_answer(), EndsWith("ok\n"));
  server.reset();
  EXPECT_EQ(client.read_all(), "");
}

TEST(AdminServer, AddressesThatWork) {
  for (const char* address : {"127.0.0.1:0", "localhost:0", ":0"}) {
    const auto server = started(address);
    EXPECT_NE(server->port(), 0);
  }
}

TEST(AdminServer, AddressesThatDoNot) {
  const auto server = started();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  struct Case {
    std::string address, message;
  };
  for (const Case& c : {Case{taken, "cannot listen on admin address " + taken + ": Address"},
                        {"9180", "expected HOST:PORT"},
                        {"", "expected HOST:PORT"},
                        {"127.0.0.1:", "expected a port from 0 to 65535"},
                        {"127.0.0.1:65536", "expected a port from 0 to 65535"},
                        {"127.0.0.1:80x", "expected a port from 0 to 65535"},
                        {"[::1:80", "expected ] after the address"},
                        {"::1:80", "expected an IPv6 address in brackets"},
                        {"192.0.2.1:0", "cannot listen on admin address 192.0.2.1:0: "}}) {
    const auto refused = AdminServer::listen(c.address);
    ASSERT_FALSE(refused.has_value()) << c.address;
    EXPECT_THAT(refused.error().message, HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace ropewalk::admin
