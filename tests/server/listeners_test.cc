// Listeners change together with what they serve, or not at all.
#include "dataplane/server/worker.h"
#include "tests/fakes/certificates.h"
#include "tests/server/fixture.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace ropewalk::server {
namespace {

const std::string kRequest = "GET /__health HTTP/1.1\r\nHost: test\r\n\r\n";

class ListenersTest : public GatewayTest {
 protected:
  ListenersTest() { write_new_pair(); }
  ~ListenersTest() override {
    std::remove(certificate_.c_str());
    std::remove(key_.c_str());
  }

  void write_new_pair() {
    const fakes::Pair pair = fakes::self_signed({.common_name = "x", .dns_names = {"x.test"}});
    std::ofstream(certificate_) << pair.certificate_pem;
    std::ofstream(key_) << pair.private_key_pem;
  }
  ResourceMap plain(const std::string& path) const { return with("", path); }
  ResourceMap secure(const std::string& path) const {
    return with(R"("tls": {"keys": [{"public_key": ")" + certificate_ + R"(", "private_key": ")" +
                    key_ + R"("}]},)",
                path);
  }
  bool serves(const std::string& path) { return !get(port(), path).starts_with("HTTP/1.1 404"); }

 private:
  static ResourceMap with(const std::string& settings, const std::string& path) {
    return load(R"({"version": 3, )" + settings + R"("endpoints": [{"endpoint": ")" + path +
                    R"(", "backend": [{"host": ["http://127.0.0.1:10"], "url_pattern": "/"}]}]})",
                {});
  }
  const std::string name_ = ::testing::TempDir() + "listeners_test_" + std::to_string(::getpid());
  const std::string certificate_ = name_ + ".pem";
  const std::string key_ = name_ + ".key";
};

TEST_F(ListenersTest, APortMayBeginAndEndToSpeakTls) {
  const std::uint16_t own = port();
  Client before(own);
  before.send(kRequest);
  EXPECT_THAT(before.read_answer(), StartsWith("HTTP/1.1 200"));

  ASSERT_TRUE(gateway_.replace(secure("/a"), {{{"127.0.0.1", own, true}}}));
  EXPECT_EQ(before.read_all(), "");  // made without a handshake
  Client handshake(own);
  handshake.send(kRequest);
  EXPECT_THAT(handshake.read_all(), Not(StartsWith("HTTP/1.1")));
  EXPECT_EQ(port(), own);

  ASSERT_TRUE(gateway_.replace(plain("/b"), {{{"127.0.0.1", own, false}}}));
  EXPECT_TRUE(serves("/b"));
}

// Clients resume their sessions, and nobody parses a thousand pairs because a route changed.
TEST_F(ListenersTest, RoutesThatChangeLeaveTheTlsContextAsItIs) {
  const auto snapshot = [&](const std::string& path, const compile::Snapshot* previous) {
    return compile::compile_whole(secure(path), options().compile, previous).value();
  };
  const auto first = snapshot("/a", nullptr);
  const auto other_route = snapshot("/b", first.get());
  EXPECT_EQ(other_route->tls, first->tls);
  write_new_pair();
  EXPECT_NE(snapshot("/b", other_route.get())->tls, first->tls);
}

// The worker accepts nothing before it is started: what connects waits, as it does for a busy one.
TEST_F(ListenersTest, WhatWaitsForABusyWorkerMeetsTheNewConfiguration) {
  const auto own = probe_port("127.0.0.1", 0);
  ASSERT_TRUE(own);
  for (const bool tls : {false, true}) {
    const auto snapshot = [&](bool secured) {
      return compile::compile_whole(secured ? secure("/a") : plain("/a"), options().compile,
                                    nullptr);
    };
    const auto before = snapshot(!tls), after = snapshot(tls);
    ASSERT_TRUE(before && after);
    Worker worker(0, 1, nullptr, nullptr);
    worker.serve(*before);
    const auto listener = open_listener("127.0.0.1", *own);
    ASSERT_TRUE(listener);
    worker.listen(*listener, *own, "127.0.0.1", !tls);
    Client waiting(*own);
    waiting.send(kRequest);
    worker.serve(*after);
    worker.change_listener(*own, "127.0.0.1", tls);
    worker.start();
    if (tls)
      EXPECT_THAT(waiting.read_all(), HasSubstr("HTTP request to an HTTPS server"));
    else
      EXPECT_THAT(waiting.read_answer(), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(ListenersTest, APortMayChangeItsAddress) {
  const std::uint16_t own = port();
  for (const char* address : {"", "127.0.0.1", "0.0.0.0"}) {
    const auto replaced = gateway_.replace(plain("/a"), {{{address, own, false}}});
    ASSERT_TRUE(replaced) << replaced.error().message;
    EXPECT_TRUE(serves("/a")) << address;
  }
}

TEST_F(ListenersTest, WhereAPortCannotBeOpenedNothingChanges) {
  ASSERT_TRUE(gateway_.replace(plain("/a")));
  std::uint16_t busy = 0;
  const int other = testing::listen_on_loopback(busy);
  const auto replaced = gateway_.replace(plain("/b"), {{{"127.0.0.1", busy, false}}});
  ASSERT_FALSE(replaced);
  EXPECT_THAT(replaced.error().message, HasSubstr(std::to_string(busy)));
  EXPECT_TRUE(serves("/a"));
  EXPECT_FALSE(serves("/b"));
  ::close(other);
}

TEST_F(ListenersTest, WhatCannotBeServedMovesNoListener) {
  const std::uint16_t own = port();
  ResourceMap broken = plain("/a");
  add_endpoint(broken, "/a/{x}/{x}", {{"nobody", "/", ""}});
  ASSERT_FALSE(gateway_.replace(broken, {{{"127.0.0.1", 0, false}}}));
  EXPECT_EQ(port(), own);
  EXPECT_THAT(get(own, "/__health"), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace ropewalk::server
