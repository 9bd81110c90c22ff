// Answers of backends that nobody asked for, or that come before the request is written.
#include "tests/server/fixture.h"
#include "tests/server/tunnel_peers.h"

#include <sys/socket.h>

#include <semaphore>

namespace ropewalk::server {
namespace {

using testing::Listener;

// It would end HTTP on the client's connection.
TEST_F(GatewayTest, AnUpgradeThatNobodyAskedForReachesNoClient) {
  Backend backend([](const std::string&) {
    return std::string(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  });
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/streamed", "output_encoding": "no-op", "backend": [{"url_pattern": "/"}]},
      {"endpoint": "/race", "output_encoding": "no-op", "concurrent_calls": 2,
       "backend": [{"url_pattern": "/"}]},
      {"endpoint": "/cached", "output_encoding": "no-op",
       "backend": [{"url_pattern": "/", "extra_config": {"qos/http-cache": {}}}]},
      {"endpoint": "/code", "backend": [
        {"url_pattern": "/", "extra_config": {"backend/http": {"return_error_code": true}}}]},
      {"endpoint": "/json", "backend": [{"url_pattern": "/"}]}
    ]
  })",
                                    {backend.port()})));
  for (const std::string path : {"/streamed", "/race", "/cached", "/code", "/json"})
    EXPECT_THAT(get(port(), path), StartsWith("HTTP/1.1 500")) << path;
}

// Answers a request whose head has come when it may, and closes with most of the body unread.
class Refuses {
 public:
  std::uint16_t port() const { return listener_.port(); }
  void go_on() { may_.release(); }

 private:
  void serve(int connection) {
    char block[4096];
    const ssize_t n = ::recv(connection, block, sizeof block, 0);
    may_.acquire();
    const std::string answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno";
    if (n > 0) ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  std::counting_semaphore<> may_{0};
  Listener listener_{[this](int connection) { serve(connection); }};
};

TEST_F(GatewayTest, AnAnswerThatComesBeforeTheRequestIsWrittenCounts) {
  Refuses backend;
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3, "timeout": "20s",
    "host": ["http://127.0.0.1:PORT1"],
    "extra_config": {"router": {"max_payload": 100000000}},
    "endpoints": [
      {"endpoint": "/streamed", "method": "POST", "output_encoding": "no-op",
       "backend": [{"url_pattern": "/"}]},
      {"endpoint": "/gathered", "method": "POST", "backend": [{"url_pattern": "/",
         "extra_config": {"backend/http": {"return_error_code": true}}}]}
    ]
  })",
                                    {backend.port()})));
  const std::string body(16 << 20, 'x');
  for (const std::string path : {"/streamed", "/gathered"})
    for (const bool at_once : {true, false}) {
      constexpr int kRounds = 5;
      int refused = 0;
      for (int i = 0; i < kRounds; ++i) {
        if (at_once) backend.go_on();
        Client client(port());
        client.send("POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n");
        if (!at_once && path == "/streamed")
          client.send_what_is_taken(body);  // until writes of the gateway wait
        else
          client.send_what_is_taken(body, std::chrono::seconds(10));
        if (!at_once) backend.go_on();
        if (client.read_answer().starts_with("HTTP/1.1 413")) ++refused;
      }
      EXPECT_EQ(refused, kRounds) << path << (at_once ? " at once" : " later");
    }
}

}  // namespace
}  // namespace ropewalk::server
