// Backends behind an HTTP proxy: tunnels, verified TLS through them, credentials, the environment.
#include "tests/server/fixture.h"
#include "tests/server/tunnel_peers.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>

namespace ropewalk::server {
namespace {

using ::testing::ElementsAre;
using testing::TlsBackend;
using testing::TunnelProxy;

std::string line(const std::string& head) {
  return json_answer("{\"line\":\"" + head.substr(0, head.find('\r')) + "\"}");
}

// A root certificate in a file, as configurations name it.
class ProxyTest : public GatewayTest {
 protected:
  ProxyTest()
      : ca_(fakes::make_ca("proxy test")),
        backend_(fakes::issue(ca_, {.common_name = "b", .dns_names = {"backend.test"}})),
        ca_file_(::testing::TempDir() + "proxy_test_ca_" + std::to_string(::getpid()) + ".pem") {
    std::ofstream(ca_file_) << ca_.certificate_pem;
  }
  ~ProxyTest() override { std::remove(ca_file_.c_str()); }

  // GET /x of a backend "https://<host>:<its port>" with this backend/http/client block.
  ResourceMap https(const std::string& host, std::string client) const {
    for (std::size_t at; (at = client.find("$CA")) != std::string::npos;)
      client.replace(at, 3, ca_file_);
    return load(R"({"version": 3, "extra_config": {"router": {"return_error_msg": true}},
      "endpoints": [{"endpoint": "/x", "backend": [{
        "host": ["https://)" +
                    host + R"(:PORT1"], "url_pattern": "/there?n=1",
        "extra_config": {"backend/http/client": )" +
                    client + R"(}}]}]})",
                {backend_.port()});
  }

  const fakes::Pair ca_;
  TlsBackend backend_;
  const std::string ca_file_;
};

TEST_F(ProxyTest, TlsIsVerifiedThroughATunnelThatIsKept) {
  TunnelProxy proxy;
  const std::string address = "127.0.0.1:" + std::to_string(proxy.port());
  ASSERT_TRUE(gateway_.replace(
      https("backend.test", R"({"proxy_address": "http://ana:s%40cret@)" + address +
                                R"(", "client_tls": {"ca_certs": ["$CA"]}})")));
  Client client(port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr("GET /there?n=1 HTTP/1.1"));
  }
  const std::string target = "backend.test:" + std::to_string(backend_.port());
  // ana:s@cret
  EXPECT_THAT(proxy.heads(),
              ElementsAre("CONNECT " + target + " HTTP/1.1\r\nHost: " + target +
                          "\r\nProxy-Authorization: Basic YW5hOnNAY3JldA==\r\n\r\n"));
}

TEST_F(ProxyTest, AnotherNameThanTheCertificatesIsRefused) {
  TunnelProxy proxy;
  ASSERT_TRUE(gateway_.replace(
      https("other.test", R"({"proxy_address": "http://127.0.0.1:)" + std::to_string(proxy.port()) +
                              R"(", "client_tls": {"ca_certs": ["$CA"]}})")));
  EXPECT_THAT(get(port(), "/x"),
              AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("is for another name")));
  EXPECT_EQ(proxy.heads().size(), 1u);
}

TEST_F(ProxyTest, ATunnelThatIsNotOpenedIsAnErrorWithoutCredentials) {
  const std::pair<std::string, std::string> cases[] = {
      {"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", "status 407"},
      {"no HTTP\r\n\r\n", "opens no tunnel"},
      {"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "bytes of its own"},
      {"", "before the tunnel"},
  };
  for (const auto& [greeting, expected] : cases) {
    TunnelProxy proxy(greeting.empty() ? "HTTP/1.1 " : greeting);
    ASSERT_TRUE(gateway_.replace(
        https("backend.test", R"({"proxy_address": "http://ana:secret@127.0.0.1:)" +
                                  std::to_string(proxy.port()) +
                                  R"(", "client_tls": {"ca_certs": ["$CA"]}})")));
    EXPECT_THAT(get(port(), "/x"), AllOf(StartsWith("HTTP/1.1 500"), HasSubstr(expected),
                                         Not(HasSubstr("secret")), Not(HasSubstr("YW5h"))));
  }
}

TEST_F(ProxyTest, PlainHttpGoesInAbsoluteFormAndSharesNoConnection) {
  std::atomic<int> with_credentials = 0;  // ana:pw
  Backend proxy([&](const std::string& head) {
    with_credentials +=
        head.find("\r\nProxy-Authorization: Basic YW5hOnB3\r\n") != std::string::npos;
    return line(head);
  });
  Backend backend(line);
  const std::string document = R"({"version": 3, "host": ["http://127.0.0.1:PORT1"], "endpoints": [
    {"endpoint": "/by", "backend": [{"url_pattern": "/b", "extra_config": {
      "backend/http/client": {"proxy_address": "http://ana:pw@127.0.0.1:PORT2"}}}]},
    {"endpoint": "/straight", "backend": [{"url_pattern": "/s"}]}]})";
  ASSERT_TRUE(gateway_.replace(load(document, {backend.port(), proxy.port()})));
  Client client(port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /by HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_THAT(
        client.read_answer(),
        HasSubstr("GET http://127.0.0.1:" + std::to_string(backend.port()) + "/b HTTP/1.1"));
    client.send("GET /straight HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr("GET /s HTTP/1.1"));
  }
  EXPECT_EQ(proxy.requests(), 2);
  EXPECT_EQ(with_credentials, 2);
  EXPECT_EQ(backend.requests(), 2);
}

TEST_F(ProxyTest, TheEnvironmentLeadsThroughAProxyButNeverToLoopback) {
  Backend proxy(line);
  Backend backend(line);
  auto rules = backend::ProxyRules::from(
      {{"http_proxy", "127.0.0.1:" + std::to_string(proxy.port())}, {"NO_PROXY", "local.test"}});
  ASSERT_TRUE(rules);
  Gateway::Options given = options();
  given.proxies = std::make_shared<const backend::ProxyRules>(std::move(*rules));
  Gateway gateway(given);
  ASSERT_TRUE(gateway.listen({{"127.0.0.1", 0, false}}));
  ASSERT_TRUE(gateway.replace(load(R"({"version": 3, "endpoints": [
    {"endpoint": "/far", "backend": [{"host": ["http://far.test:81"], "url_pattern": "/f"}]},
    {"endpoint": "/near", "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/n"}]}]})",
                                   {backend.port()})));
  const std::uint16_t port = gateway.listeners().front().port;
  EXPECT_THAT(get(port, "/far"), HasSubstr("GET http://far.test:81/f HTTP/1.1"));
  EXPECT_THAT(get(port, "/near"), HasSubstr("GET /n HTTP/1.1"));
}

}  // namespace
}  // namespace ropewalk::server
