#include "dataplane/backend/proxy_rules.h"

#include "dataplane/compile/hosts.h"

#include <gmock/gmock.h>

namespace ropewalk::backend {
namespace {

using Environment = std::map<std::string, std::string>;

compile::Host host(const std::string& address, std::uint32_t port, bool tls = false,
                   const std::string& authority = {}) {
  config::v1::HostSet::Host from;
  from.set_address(address);
  from.set_port(port);
  from.set_tls(tls);
  from.set_authority(authority);
  return compile::compile_host(from);
}

// Where the proxy is, "" for none.
std::string way(const Environment& environment, const compile::Host& to) {
  const auto rules = ProxyRules::from(environment);
  if (!rules) return "error: " + rules.error().message;
  const ProxyRef proxy = rules->choose(to);
  return proxy ? proxy->authority : "";
}

TEST(ProxyRules, TheSchemeOfTheBackendChoosesTheVariable) {
  const Environment both{{"HTTP_PROXY", "http://plain:1"}, {"HTTPS_PROXY", "http://secure:2"}};
  EXPECT_EQ(way(both, host("a.test", 80)), "plain:1");
  EXPECT_EQ(way(both, host("a.test", 443, true)), "secure:2");
  EXPECT_EQ(way({{"HTTP_PROXY", "http://plain:1"}}, host("a.test", 443, true)), "");
  EXPECT_EQ(way({}, host("a.test", 80)), "");
}

TEST(ProxyRules, TheUpperCaseNameComesFirst) {
  EXPECT_EQ(way({{"http_proxy", "low:1"}}, host("a.test", 80)), "low:1");
  EXPECT_EQ(way({{"http_proxy", "low:1"}, {"HTTP_PROXY", "up:1"}}, host("a.test", 80)), "up:1");
  EXPECT_EQ(way({{"http_proxy", "low:1"}, {"HTTP_PROXY", ""}}, host("a.test", 80)), "low:1");
  EXPECT_EQ(way({{"http_proxy", "low:1"}, {"no_proxy", "a.test"}}, host("a.test", 80)), "");
}

TEST(ProxyRules, APortAndCredentials) {
  const auto rules = ProxyRules::from({{"HTTP_PROXY", "http://ana:s%40@proxy.test/path"}});
  ASSERT_TRUE(rules);
  const ProxyRef proxy = rules->choose(host("a.test", 80));
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->address, "proxy.test");
  EXPECT_EQ(proxy->port, 80);
  EXPECT_EQ(proxy->base_path, "");
  EXPECT_EQ(proxy->authorization, "Basic YW5hOnNA");
}

TEST(ProxyRules, NeverToLoopback) {
  const Environment all{{"HTTP_PROXY", "http://proxy:1"}};
  for (const char* near : {"localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"})
    EXPECT_EQ(way(all, host(near, 80)), "") << near;
  for (const char* far : {"localhost.test", "128.0.0.1", "::2", "10.0.0.1"})
    EXPECT_EQ(way(all, host(far, 80)), "proxy:1") << far;
}

TEST(ProxyRules, ExceptionsFollowGo) {
  struct Case {
    const char* exceptions;
    const char* address;
    std::uint32_t port;
    bool by_proxy;
  };
  const Case cases[] = {
      {"*", "a.test", 80, false},
      {"b.test, *", "a.test", 80, false},
      {"a.test", "a.test", 80, false},
      {"A.Test", "a.TEST", 80, false},
      {"a.test", "x.y.a.test", 80, false},
      {"a.test", "xa.test", 80, true},
      {".a.test", "x.a.test", 80, false},
      {".a.test", "a.test", 80, true},
      {"*.a.test", "x.a.test", 80, false},
      {"*.a.test", "a.test", 80, true},
      {"a.test:81", "a.test", 81, false},
      {"a.test:81", "x.a.test", 81, false},
      {"a.test:81", "a.test", 80, true},
      {" , a.test ,,", "a.test", 80, false},
      {":80", "a.test", 80, true},
      {"10.0.0.1", "10.0.0.1", 80, false},
      {"10.0.0.1", "10.0.0.2", 80, true},
      {"10.0.0.1:81", "10.0.0.1", 81, false},
      {"10.0.0.1:81", "10.0.0.1", 80, true},
      {"10.0.0.0/8", "10.9.9.9", 80, false},
      {"10.0.0.0/8", "11.0.0.1", 80, true},
      {"10.0.0.0/8", "10.a.test", 80, true},
      {"fd00::/8", "fd00::1", 80, false},
      {"fd00::/8", "10.0.0.1", 80, true},
      {"::/0", "10.0.0.1", 80, true},
      {"fd00::1", "fd00::1", 80, false},
      {"[fd00::1]", "fd00::1", 80, true},  // Go wants a port after brackets
      {"[fd00::1]:81", "fd00::1", 81, false},
      {"[fd00::1]:81", "fd00::1", 80, true},
      {"0.1", "10.0.0.1", 80, false},  // an address has a name's suffix, too
  };
  for (const Case& c : cases) {
    const Environment environment{{"HTTP_PROXY", "http://proxy:1"}, {"NO_PROXY", c.exceptions}};
    EXPECT_EQ(way(environment, host(c.address, c.port)), c.by_proxy ? "proxy:1" : "")
        << c.exceptions << " " << c.address << ":" << c.port;
  }
}

// Pods are called by their address under the name of their Service.
TEST(ProxyRules, TheNameOfTheAuthorityIsExceptedAsWell) {
  const Environment environment{{"HTTP_PROXY", "http://proxy:1"}, {"NO_PROXY", ".svc"}};
  EXPECT_EQ(way(environment, host("10.1.2.3", 8080, false, "shop.web.svc")), "");
  EXPECT_EQ(way(environment, host("10.1.2.3", 8080, false, "shop.web.svc:8080")), "");
  EXPECT_EQ(way(environment, host("10.1.2.3", 8080)), "proxy:1");
}

TEST(ProxyRules, WhatIsNoHttpProxyStopsTheStartWithoutItsPassword) {
  for (const char* value : {"socks5://ana:secret@proxy:1", "https://ana:secret@proxy:1", "http://",
                            "http://ana:secret@:80", "http://ana:secret@proxy:x"}) {
    const std::string said = way({{"HTTPS_PROXY", value}}, host("a.test", 80));
    EXPECT_THAT(said, testing::StartsWith("error: HTTPS_PROXY: ")) << value;
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("secret"))) << value;
  }
}

}  // namespace
}  // namespace ropewalk::backend
