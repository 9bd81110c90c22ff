// Hosts found by DNS, against a DNS server of the test's own.
#include "dataplane/app/discovery.h"
#include "tests/net/fake_dns.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace ropewalk::app {
namespace {

using namespace std::chrono_literals;
using net::FakeDns;
using Type = FakeDns::Type;

const std::string kSet = "hosts/dns http _api._tcp.a.test";
const std::vector<config::DnsHosts> kNames = {{kSet, "_api._tcp.a.test", false}};

struct Recorder final : configsync::Applier {
  std::string check(const config::v1::Resource&) override { return ""; }
  void apply(configsync::ResourceMap,
             std::function<void(std::vector<configsync::Refusal>)>) override {
    ADD_FAILURE() << "routes have not changed";
  }
  void apply_host_sets(configsync::ResourceMap all,
                       std::function<void(std::vector<configsync::Refusal>)> done) override {
    applied = std::move(all);
    done({});
  }
  configsync::ResourceMap applied;
};

class DiscoveryTest : public ::testing::Test {
 protected:
  DiscoveryTest() : thread_([this] { io_.run(); }) {
    config::v1::Resource resource;
    resource.set_name(kSet);
    resource.mutable_host_set();
    resources_[kSet] = std::make_shared<const config::v1::Resource>(resource);
  }
  ~DiscoveryTest() override {
    io_.stop();
    thread_.join();
  }
  void answer(FakeDns::Answer with) {
    std::promise<void> set;
    asio::post(io_, [&] {
      dns_.set("_api._tcp.a.test", Type::srv, std::move(with));
      set.set_value();
    });
    set.get_future().wait();
  }
  // Returns when DNS has been asked twice more, so that the first of these answers has been heard.
  void two_lookups() {
    const int before = asked();
    while (asked() < before + 2) std::this_thread::yield();
  }
  int asked() {
    std::promise<int> count;
    asio::post(io_, [&] { count.set_value(dns_.asked("_api._tcp.a.test", Type::srv)); });
    return count.get_future().get();
  }
  static std::string hosts(const configsync::ResourceMap& resources) {
    std::string out;
    for (const auto& host : resources.at(kSet)->host_set().hosts())
      out += (host.tls() ? "https://" : "http://") + host.address() + ":" +
             std::to_string(host.port()) + " ";
    return out;
  }

  asio::io_context io_;
  FakeDns dns_{io_};
  std::string servers_ = dns_.servers();
  std::thread thread_;
  configsync::ResourceMap resources_;
};

TEST_F(DiscoveryTest, TheFirstLookupIsWaitedFor) {
  answer({.addresses = {"1 10 8080 b.test", "1 20 8081 c.test", "2 1 80 d.test"}});
  Discovery discovery([] {}, servers_);
  EXPECT_EQ(hosts(discovery.with_hosts(resources_)), "");
  discovery.find(kNames, 1h);
  const auto found = discovery.with_hosts(resources_);
  EXPECT_EQ(hosts(found), "http://b.test:8080 http://c.test:8081 http://c.test:8081 ");
  EXPECT_FALSE(found.at(kSet)->hash().empty());
  Recorder recorder;
  discovery.update(resources_, recorder);
  EXPECT_EQ(hosts(recorder.applied), hosts(found));
  discovery.keep({});
  EXPECT_EQ(hosts(discovery.with_hosts(resources_)), "");
}

TEST_F(DiscoveryTest, ChangesAreHeardAndAFailureKeepsTheHosts) {
  answer({.addresses = {"1 1 80 b.test"}});
  std::atomic<int> changes = 0;
  Discovery discovery([&] { changes.fetch_add(1), changes.notify_all(); }, servers_);
  discovery.find(kNames, 10ms);
  changes.wait(0);
  EXPECT_EQ(hosts(discovery.with_hosts(resources_)), "http://b.test:80 ");
  answer({.code = FakeDns::Code::server_failure});
  two_lookups();
  EXPECT_EQ(hosts(discovery.with_hosts(resources_)), "http://b.test:80 ");
  answer({.addresses = {"1 1 80 c.test"}});
  changes.wait(1);
  EXPECT_EQ(hosts(discovery.with_hosts(resources_)), "http://c.test:80 ");
  EXPECT_EQ(changes, 2);
}

TEST_F(DiscoveryTest, ANameThatIsNotThereHasNoHosts) {
  Discovery discovery([] { ADD_FAILURE() << "nothing has changed"; }, servers_);
  discovery.find(kNames, 1h);
  EXPECT_EQ(hosts(discovery.with_hosts(resources_)), "");
}

}  // namespace
}  // namespace ropewalk::app
