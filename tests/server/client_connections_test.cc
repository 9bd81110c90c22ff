// What a client's connection costs while nothing is asked on it.
#include "tests/server/fixture.h"

#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

namespace ropewalk::server {
namespace {

// Bytes that the process has allocated and not freed. Always 0 where a sanitizer allocates.
std::int64_t allocated() {
  const auto info = ::mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// One worker: what it did for an earlier request is over when a later one is answered.
class ClientConnectionsTest : public GatewayTest {
 protected:
  ClientConnectionsTest() : GatewayTest(1) {}

  std::int64_t settled() {
    EXPECT_THAT(get(port(), "/nothing"), StartsWith("HTTP/1.1 404"));
    return allocated();
  }
};

TEST_F(ClientConnectionsTest, WhatFiltersAddToAnswersGoesWithTheirRequest) {
  Backend backend(echo);
  const std::string value(4000, 'v');
  std::string document = R"json({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/backend", "output_encoding": "no-op", "backend": [{"url_pattern": "/", "extra_config": {
        "modifier/martian": {"header.Modifier": {
          "scope": ["response"], "name": "X-Long", "value": "VALUE"}}}}]},
      {"endpoint": "/endpoint", "backend": [{"url_pattern": "/"}], "extra_config": {
        "modifier/lua-proxy": {"post": "response.load():headers('X-Long', 'VALUE')"}}}
    ]})json";
  for (std::size_t at; (at = document.find("VALUE")) != std::string::npos;)
    document.replace(at, 5, value);
  ASSERT_TRUE(gateway_.replace(load(document, {backend.port()})));
  constexpr int kRequests = 1000;
  for (const std::string path : {"/backend", "/endpoint"}) {
    Client client(port());
    const auto ask = [&] {
      client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      return client.read_answer();
    };
    EXPECT_THAT(ask(), HasSubstr("X-Long: " + value)) << path;
    const std::int64_t before = settled();
    for (int i = 0; i < kRequests; ++i) ask();
    EXPECT_LT(settled() - before, kRequests * 1000) << path;
  }
}

TEST_F(ClientConnectionsTest, ALargeBodyThatWasSentIsNotKept) {
  ASSERT_TRUE(gateway_.replace(load(R"({"version": 3})", {})));
  constexpr std::size_t kBody = 250'000;
  constexpr int kConnections = 50;
  std::vector<std::unique_ptr<Client>> clients;
  const std::int64_t before = settled();
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                         std::to_string(kBody) + "\r\n\r\n" + std::string(kBody, 'x'));
    EXPECT_THAT(clients.back()->read_answer(), Not(HasSubstr("Connection: close")));
  }
  EXPECT_LT((settled() - before) / kConnections, 100'000);
}

TEST_F(ClientConnectionsTest, ALargeAnswerIsNotKept) {
  std::string numbers = R"({"n":[0)";
  for (int i = 0; i < 250'000; ++i) numbers += ",1";
  numbers += "]}";
  Backend backend([&](const std::string&) { return json_answer(numbers); });
  ASSERT_TRUE(gateway_.replace(load(R"json({
    "version": 3, "timeout": "60s",
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/plain", "backend": [{"url_pattern": "/"}]},
      {"endpoint": "/filtered", "backend": [{"url_pattern": "/", "extra_config": {
        "modifier/lua-backend": {"post": "local r = response.load() r:statusCode()"}}}]},
      {"endpoint": "/shaped", "backend": [{"url_pattern": "/"}], "extra_config": {
        "modifier/lua-proxy": {"post": "local r = response.load() r:isComplete(true)"}}},
      {"endpoint": "/sequence", "extra_config": {"proxy": {"sequential": true}}, "backend": [
        {"url_pattern": "/"}, {"url_pattern": "/", "group": "second"}]}
    ]})json",
                                    {backend.port()})));
  constexpr int kConnections = 5;
  for (const std::string path : {"/plain", "/filtered", "/shaped", "/sequence"}) {
    std::vector<std::unique_ptr<Client>> clients;
    const std::int64_t before = settled();
    for (int i = 0; i < kConnections; ++i) {
      clients.push_back(std::make_unique<Client>(port()));
      clients.back()->send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      std::size_t came = 0;  // the client keeps nothing of it
      while (came < numbers.size()) {
        const std::size_t some = clients.back()->read_some().size();
        ASSERT_GT(some, 0U) << path;
        came += some;
      }
    }
    // A call keeps the buffer that its answer was read into, which may be twice as large.
    const std::size_t calls = path == "/sequence" ? 2 : 1;
    const auto most = static_cast<std::int64_t>(calls * numbers.size() * 5 / 2);
    EXPECT_LT((settled() - before) / kConnections, most) << path;
  }
}

// The gateway's end of a connection from `local_port`, -1 without one.
int accepted_from(std::uint16_t local_port) {
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && ntohs(peer.sin_port) == local_port)
      return fd;
  }
  return -1;
}

int accepted_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, name, &value, &size);
  return value;
}

TEST_F(ClientConnectionsTest, AClientThatVanishesIsFoundOut) {
  const int client = testing::connect_to_loopback(port());
  sockaddr_in local{};
  socklen_t size = sizeof local;
  ASSERT_EQ(::getsockname(client, reinterpret_cast<sockaddr*>(&local), &size), 0);
  settled();  // it has been accepted
  const int accepted = accepted_from(ntohs(local.sin_port));
  ASSERT_GE(accepted, 0);
  EXPECT_EQ(accepted_option(accepted, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(accepted_option(accepted, IPPROTO_TCP, TCP_KEEPIDLE), 15);
  EXPECT_EQ(accepted_option(accepted, IPPROTO_TCP, TCP_KEEPINTVL), 15);
  EXPECT_EQ(accepted_option(accepted, IPPROTO_TCP, TCP_KEEPCNT), 9);
  ::close(client);
}

}  // namespace
}  // namespace ropewalk::server
