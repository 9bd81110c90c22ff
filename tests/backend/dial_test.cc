// Which address comes next, and a call to a host of which one family does not answer.
#include "dataplane/backend/dial.h"

#include "dataplane/backend/call.h"
#include "tests/net/fake_dns.h"

#include <gmock/gmock.h>

#include <boost/asio/ip/v6_only.hpp>

#include <deque>

namespace ropewalk::backend {
namespace {

using namespace std::chrono_literals;
using Addresses = std::vector<asio::ip::address>;
using Lane = Dial::Lane;
using tcp = asio::ip::tcp;

Addresses addresses(const std::vector<std::string>& texts) {
  Addresses out;
  for (const std::string& text : texts) out.push_back(asio::ip::make_address(text));
  return out;
}

std::string shown(const std::optional<Dial::Attempt>& attempt) {
  if (!attempt) return "none";
  return (attempt->lane == Lane::first ? "first " : "other ") + attempt->address.to_string();
}

TEST(Dial, OneFamilyIsTriedInItsOrder) {
  Dial dial;
  EXPECT_EQ(shown(dial.begin(addresses({"192.0.2.1", "192.0.2.2"}), true)), "first 192.0.2.1");
  EXPECT_FALSE(dial.other_waits());
  EXPECT_EQ(shown(dial.waited()), "none");
  EXPECT_EQ(shown(dial.failed(Lane::first)), "first 192.0.2.2");
  EXPECT_FALSE(dial.lost());
  EXPECT_EQ(shown(dial.failed(Lane::first)), "none");
  EXPECT_TRUE(dial.lost());
}

TEST(Dial, TheOtherFamilyBeginsAfterTheDelay) {
  Dial dial;
  EXPECT_EQ(
      shown(dial.begin(addresses({"2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"}), true)),
      "first 2001:db8::1");
  EXPECT_TRUE(dial.other_waits());
  EXPECT_EQ(shown(dial.failed(Lane::first)), "first 2001:db8::2");
  EXPECT_EQ(shown(dial.waited()), "other 192.0.2.1");
  EXPECT_FALSE(dial.other_waits());
  EXPECT_EQ(shown(dial.waited()), "none");
  EXPECT_EQ(shown(dial.failed(Lane::other)), "other 192.0.2.2");
  EXPECT_EQ(shown(dial.failed(Lane::other)), "none");
  EXPECT_FALSE(dial.lost());
  EXPECT_EQ(shown(dial.failed(Lane::first)), "none");
  EXPECT_TRUE(dial.lost());
}

TEST(Dial, TheOtherFamilyBeginsOnceTheFirstHasFailed) {
  Dial dial;
  (void)dial.begin(addresses({"192.0.2.1", "2001:db8::1"}), true);
  EXPECT_EQ(shown(dial.failed(Lane::first)), "other 2001:db8::1");
  EXPECT_FALSE(dial.lost());
  EXPECT_EQ(shown(dial.waited()), "none");
  EXPECT_EQ(shown(dial.failed(Lane::other)), "none");
  EXPECT_TRUE(dial.lost());
}

TEST(Dial, WithoutFamiliesAllComeInTheirOrder) {
  Dial dial;
  EXPECT_EQ(shown(dial.begin(addresses({"2001:db8::1", "192.0.2.1", "2001:db8::2"}), false)),
            "first 2001:db8::1");
  EXPECT_FALSE(dial.other_waits());
  EXPECT_EQ(shown(dial.failed(Lane::first)), "first 192.0.2.1");
  EXPECT_EQ(shown(dial.failed(Lane::first)), "first 2001:db8::2");
  EXPECT_EQ(shown(dial.begin({}, true)), "none");
  EXPECT_TRUE(dial.lost());
}

// A name with 127.0.0.1, where a backend listens, and ::1.
class DialledCall : public testing::Test, protected CallOwner {
 protected:
  void SetUp() override {
    error_code error;
    for (int i = 0; i < 20; ++i) {  // until a port is free in both families
      four_ = tcp::acceptor(io_, {asio::ip::address_v4::loopback(), 0});
      six_ = tcp::acceptor(io_);
      six_.open(tcp::v6(), error);
      six_.set_option(asio::ip::v6_only(true), error);
      six_.bind({asio::ip::address_v6::loopback(), four_.local_endpoint().port()}, error);
      if (!error) break;
    }
    if (error) GTEST_SKIP() << "no ::1 here";
    dns_.set("both.test", net::FakeDns::Type::a, {.addresses = {"127.0.0.1"}});
    dns_.set("both.test", net::FakeDns::Type::aaaa, {.addresses = {"::1"}});
    four_.async_accept([this](const error_code& failure, tcp::socket socket) {
      if (failure) return;
      backend_.emplace(std::move(socket));
      asio::write(*backend_,
                  asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
    });
    settings_.response_header_timeout = {};
  }

  // The port of ::1 takes no more connections, without a word. False: this system has none such.
  bool silence_six() {
    six_.listen(0);
    const tcp::endpoint at = six_.local_endpoint();
    for (int i = 0; i < 32; ++i) {
      bool connected = false;
      waiting_.emplace_back(io_).async_connect(
          at, [&connected](const error_code&) { connected = true; });
      const auto limit = runtime::Clock::now() + 200ms;
      while (!connected && runtime::Clock::now() < limit) io_.run_one_until(limit);
      if (connected) continue;
      waiting_.back().close();
      io_.poll();
      return true;
    }
    return false;
  }

  // "status, address", or the error.
  std::string call() {
    compile::Host host;
    host.address = "both.test";
    host.port = four_.local_endpoint().port();
    auto hosts = std::make_shared<compile::HostList>(1, host);
    Targets targets;
    targets.hosts = hosts;
    targets.list.push_back({&hosts->front(), pool_.of(host, nullptr, {})});
    Request request;
    request.method = "GET";
    request.target = "/";
    Call called(environment_, *this);
    Call::Options options;
    options.settings = &settings_;
    called.start(request, options, targets);
    const auto limit = runtime::Clock::now() + 10s;
    while (outcome_.empty() && runtime::Clock::now() < limit) {
      io_.run_one_for(5ms);
      wheel_.advance(runtime::Clock::now());
    }
    return outcome_;
  }
  void on_call_done(Call& call) override {
    outcome_ = std::to_string(call.status()) + ", " + call.address();
  }
  void on_call_failed(Call&, Error error) override { outcome_ = error.message; }
  std::string by_four() const {
    return "200, 127.0.0.1:" + std::to_string(four_.local_endpoint().port());
  }

  asio::io_context io_;
  net::FakeDns dns_{io_};
  net::Resolver resolver_{io_, 5s, dns_.servers()};
  runtime::TimerWheel wheel_{runtime::Clock::now()};
  Environment environment_{io_, wheel_, resolver_};
  Pool pool_{nullptr};
  compile::Settings settings_;
  tcp::acceptor four_{io_}, six_{io_};
  std::deque<tcp::socket> waiting_;
  std::optional<tcp::socket> backend_;
  std::string outcome_;
};

TEST_F(DialledCall, AFamilyThatIsSilentHasTheDelayAlone) {
  if (!silence_six()) GTEST_SKIP() << "this system takes every connection";
  settings_.fallback_delay = 20ms;
  settings_.connect_timeout = 5s;
  EXPECT_EQ(call(), by_four());
}

TEST_F(DialledCall, WithoutADelayTheOtherFamilyIsLeftAlone) {
  if (!silence_six()) GTEST_SKIP() << "this system takes every connection";
  settings_.fallback_delay = -1ns;
  settings_.connect_timeout = 300ms;
  EXPECT_EQ(call(), "no connection within dialer_timeout");
}

TEST_F(DialledCall, AFamilyThatRefusesIsNotWaitedFor) {
  settings_.fallback_delay = 1h;
  EXPECT_EQ(call(), by_four());
}

}  // namespace
}  // namespace ropewalk::backend
