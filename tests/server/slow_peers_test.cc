// Clients and backends that take what they are sent slowly, in part, or not at all.
#include "tests/server/fixture.h"
#include "tests/server/tunnel_peers.h"

#include <chrono>
#include <future>
#include <thread>

namespace ropewalk::server {
namespace {

using testing::Listener;
using testing::TlsBackend;

const std::string kLarge(64 << 20, 'x');

std::string post(const std::string& path, std::size_t length) {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(length) +
         "\r\n\r\n";
}

class SlowPeersTest : public GatewayTest {
 protected:
  // Whether GET /alive is answered: every worker has gone on after what came before.
  bool alive() {
    Backend backend(echo);
    if (!gateway_.replace(load(
            R"({"version": 3, "host": ["http://127.0.0.1:PORT1"],
                "endpoints": [{"endpoint": "/alive", "backend": [{"url_pattern": "/"}]}]})",
            {backend.port()})))
      return false;
    return get(port(), "/alive").starts_with("HTTP/1.1 200");
  }

  const fakes::Pair pair_ = fakes::self_signed({.common_name = "b", .dns_names = {"localhost"}});
};

TEST_F(SlowPeersTest, AClientMayLeaveWhileItsUploadWaitsForTheBackend) {
  Listener plain([](int connection) { testing::await_end(connection); });
  TlsBackend tls(pair_, 0, TlsBackend::Beyond::wait);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3, "allow_insecure_connections": true, "timeout": "20s",
    "endpoints": [
      {"endpoint": "/plain", "method": "POST", "output_encoding": "no-op",
       "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/"}]},
      {"endpoint": "/tls", "method": "POST", "output_encoding": "no-op",
       "backend": [{"host": ["https://localhost:PORT2"], "url_pattern": "/"}]}
    ]})",
                                    {plain.port(), tls.port()})));
  for (const std::string path : {"/plain", "/tls"}) {
    Client client(port());
    client.send(post(path, kLarge.size()));
    const std::size_t sent = client.send_what_is_taken(kLarge);
    EXPECT_GT(sent, 1u << 16) << path;
    EXPECT_LT(sent, kLarge.size()) << path;  // else nothing waited
  }
  EXPECT_TRUE(alive());
}

const char* const kGathers = R"({
  "version": 3, "timeout": "300ms", "host": ["http://127.0.0.1:PORT1"],
  "read_header_timeout": "300ms", "echo_endpoint": true,
  "endpoints": [{"endpoint": "/json", "method": "POST", "backend": [{"url_pattern": "/"}]}]})";

TEST_F(SlowPeersTest, AnUploadThatStallsEndsWithTheTimeOfItsEndpoint) {
  Backend backend(echo);
  ASSERT_TRUE(gateway_.replace(load(kGathers, {backend.port()})));
  Client stalled(port()), lost(port());
  stalled.send(post("/json", 10) + "abc");
  EXPECT_THAT(stalled.read_all(), AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("Connection: close"),
                                        HasSubstr("X-Krakend-Completed: false")));
  // Without an endpoint whose answer could be given it is as with a head that does not come.
  lost.send(post("/__echo/x", 10) + "abc");
  EXPECT_EQ(lost.read_all(), "");
  EXPECT_EQ(backend.requests(), 0);
}

TEST_F(SlowPeersTest, ABodyThatNobodyWantsIsNeitherAskedForNorAnErrorOfItsOwn) {
  ASSERT_TRUE(gateway_.replace(load(kGathers, {10})));
  Client asks(port()), large(port());
  asks.send("POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  EXPECT_THAT(asks.read_all(), StartsWith("HTTP/1.1 404"));
  large.send("POST /no HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n80000\r\n" +
             kLarge.substr(0, 0x80000) + "\r\n0\r\n\r\n");
  EXPECT_THAT(large.read_all(), StartsWith("HTTP/1.1 404"));
}

TEST_F(SlowPeersTest, AClientThatEndsItsSideIsNotWaitedFor) {
  std::promise<void> released;
  Backend slow([release = released.get_future().share()](const std::string&) {
    release.wait();
    return json_answer("{}");
  });
  Backend quick(echo);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3, "timeout": "60s",
    "endpoints": [
      {"endpoint": "/slow", "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/"}]},
      {"endpoint": "/up", "method": "POST", "output_encoding": "no-op",
       "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/"}]},
      {"endpoint": "/json", "method": "POST",
       "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/"}]},
      {"endpoint": "/quick", "backend": [{"host": ["http://127.0.0.1:PORT2"], "url_pattern": "/"}]}
    ]})",
                                    {slow.port(), quick.port()})));
  const std::string quick_one = "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string& request :
       {std::string("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"), post("/up", 2) + "ab",
        // In the midst of its second request.
        quick_one + post("/json", 1'000'000) + "abc", quick_one + post("/up", 1'000'000) + "abc"}) {
    Client gone(port());
    gone.send(request);
    gone.finish_sending();
    const std::string answer = gone.read_all();
    EXPECT_EQ(answer.empty(), !request.starts_with(quick_one)) << request;
    EXPECT_EQ(gateway_.collect().server.requests_in_flight, 0u) << request;
  }
  released.set_value();
  // What was sent before the end is answered.
  Client two(port());
  two.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  two.finish_sending();
  EXPECT_THAT(two.read_all(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("HTTP/1.1 404")));
}

// A kept connection that ends before a request was sent on it is replaced; once a byte of a POST
// has gone out, the backend may have acted on it.
TEST_F(SlowPeersTest, APostThatWasSentInPartIsNotSentAgain) {
  TlsBackend first(pair_, 100'000), second(pair_, 100'000);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3, "allow_insecure_connections": true, "timeout": "20s",
    "extra_config": {"router": {"max_payload": 100000000}},
    "endpoints": [
      {"endpoint": "/get", "backend": [
        {"host": ["https://localhost:PORT1", "https://localhost:PORT2"], "url_pattern": "/get"}]},
      {"endpoint": "/post", "method": "POST", "backend": [
        {"host": ["https://localhost:PORT1", "https://localhost:PORT2"], "url_pattern": "/post"}]}
    ]})",
                                    {first.port(), second.port()})));
  // Both hosts get a connection of this worker, which the POST finds in the pool.
  Client client(port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /get HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr("GET /get HTTP/1.1"));
  }
  const int before = first.connections() + second.connections();
  client.send(post("/post", 16 << 20));
  client.send(kLarge.substr(0, 16 << 20));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 500"));
  EXPECT_EQ(first.connections() + second.connections(), before);
}

const char* const kDownload = R"({
  "version": 3, "timeout": "20s", "host": ["http://127.0.0.1:PORT1"],
  "extra_config": {"ropewalk/limits": {"stalled_write_timeout": "1s",
                                       "max_response_body": "100MiB"}},
  "endpoints": [
    {"endpoint": "/streamed", "output_encoding": "no-op", "backend": [{"url_pattern": "/"}]},
    {"endpoint": "/gathered", "output_encoding": "string",
     "backend": [{"url_pattern": "/", "encoding": "string"}]}
  ]})";

std::string large(const std::string&) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(kLarge.size() / 8) + "\r\n\r\n" + kLarge.substr(0, kLarge.size() / 8);
}

TEST_F(SlowPeersTest, ASlowDownloadGoesOnAndAStalledOneEnds) {
  Backend backend(large);
  ASSERT_TRUE(gateway_.replace(load(kDownload, {backend.port()})));
  for (const std::string path : {"/streamed", "/gathered"}) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
    Client slow(port(), 16 * 1024), stalled(port(), 16 * 1024);
    slow.send(request);
    stalled.send(request);
    const auto start = std::chrono::steady_clock::now();
    std::size_t got = 0;
    std::size_t rested = 0;
    for (std::string block = slow.read_some(); !block.empty() && got < kLarge.size() / 8;
         block = slow.read_some()) {
      got += block.size();
      if (got - rested < 64 * 1024) continue;
      rested = got;
      std::this_thread::sleep_for(15ms);
    }
    EXPECT_GE(got, kLarge.size() / 8) << path;
    EXPECT_GT(std::chrono::steady_clock::now() - start, 1500ms) << path;  // else it was not slow
    EXPECT_LT(stalled.read_all().size(), kLarge.size() / 8) << path;
  }
}

}  // namespace
}  // namespace ropewalk::server
