#include "dataplane/net/resolver.h"

#include "tests/net/fake_dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include <unistd.h>

namespace ropewalk::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Type = FakeDns::Type;
using Code = FakeDns::Code;

class ResolverTest : public testing::Test {
 protected:
  std::unique_ptr<Resolver> make(std::chrono::milliseconds timeout = 5s) {
    return std::make_unique<Resolver>(context, timeout, dns.servers(), [this] { return now; });
  }

  // Runs the event loop until `done` or for 10 s.
  template <class Done>
  bool run_until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      context.run_one_for(100ms);
    }
    return true;
  }

  // Addresses as text, or "error: ...".
  std::vector<std::string> lookup(Resolver& resolver, const std::string& name) {
    std::optional<Result<Resolver::Addresses>> result;
    resolver.resolve(name, [&](Result<Resolver::Addresses> got) { result = std::move(got); });
    EXPECT_FALSE(result.has_value()) << "called back within resolve()";
    if (!run_until([&] { return result.has_value(); })) return {"never called back"};
    if (!*result) {
      EXPECT_EQ(result->error().kind, Kind::connect);
      return {"error: " + result->error().message};
    }
    std::vector<std::string> out;
    for (const auto& address : **result) out.push_back(address.to_string());
    return out;
  }

  asio::io_context context;
  FakeDns dns{context};
  Resolver::Clock::time_point now = Resolver::Clock::time_point() + 1000h;
};

TEST_F(ResolverTest, FindsAddressesOfBothFamilies) {
  dns.set("a.test", Type::a, {.addresses = {"192.0.2.1", "192.0.2.2"}});
  dns.set("a.test", Type::aaaa, {.addresses = {"2001:db8::1"}});
  const auto resolver = make();
  EXPECT_EQ(resolver->cached("a.test"), nullptr);
  EXPECT_THAT(lookup(*resolver, "a.test"),
              UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
  ASSERT_NE(resolver->cached("a.test"), nullptr);
  EXPECT_EQ(resolver->cached("a.test")->size(), 3u);
}

TEST_F(ResolverTest, OneFamilyIsEnough) {
  dns.set("four.test", Type::a, {.addresses = {"192.0.2.1"}});
  dns.set("four.test", Type::aaaa, {});
  dns.set("six.test", Type::a, {});
  dns.set("six.test", Type::aaaa, {.addresses = {"2001:db8::1"}});
  const auto resolver = make();
  EXPECT_THAT(lookup(*resolver, "four.test"), UnorderedElementsAre("192.0.2.1"));
  EXPECT_THAT(lookup(*resolver, "six.test"), UnorderedElementsAre("2001:db8::1"));
}

TEST_F(ResolverTest, KnowsLocalhostWithoutDns) {
  const auto resolver = make();
  EXPECT_THAT(lookup(*resolver, "localhost"), testing::Contains("127.0.0.1"));
  EXPECT_EQ(dns.asked("localhost", Type::a), 0);
}

TEST_F(ResolverTest, AsksAgainWhenTheSmallestTtlIsOver) {
  dns.set("a.test", Type::a,
          {.addresses = {"192.0.2.1"}, .ttl = 20, .alias = "b.test", .alias_ttl = 10});
  dns.set("a.test", Type::aaaa, {});
  const auto resolver = make();
  lookup(*resolver, "a.test");
  now += 9s;
  EXPECT_NE(resolver->cached("a.test"), nullptr);
  now += 1s;
  EXPECT_EQ(resolver->cached("a.test"), nullptr);
  dns.set("a.test", Type::a, {.addresses = {"192.0.2.9"}});
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.9"));
  EXPECT_EQ(dns.asked("a.test", Type::a), 2);
}

TEST_F(ResolverTest, AsksOnceForManyWaiting) {
  dns.set("a.test", Type::a, {.addresses = {"192.0.2.1"}});
  dns.set("a.test", Type::aaaa, {});
  const auto resolver = make();
  int answered = 0;
  for (int i = 0; i < 50; ++i)
    resolver->resolve("a.test",
                      [&](const Result<Resolver::Addresses>& got) { answered += got.has_value(); });
  ASSERT_TRUE(run_until([&] { return answered == 50; }));
  EXPECT_EQ(dns.asked("a.test", Type::a), 1);
  EXPECT_EQ(dns.asked("a.test", Type::aaaa), 1);
}

TEST_F(ResolverTest, UnknownNamesFailAndAreNotAskedAgainAtOnce) {
  const auto resolver = make();
  EXPECT_THAT(lookup(*resolver, "gone.test"),
              testing::ElementsAre(HasSubstr("error: cannot resolve gone.test: Domain name not")));
  const int asked = dns.asked("gone.test", Type::a);
  EXPECT_THAT(lookup(*resolver, "gone.test"), testing::ElementsAre(HasSubstr("error: ")));
  EXPECT_EQ(dns.asked("gone.test", Type::a), asked);
  dns.set("gone.test", Type::a, {.addresses = {"192.0.2.1"}});
  dns.set("gone.test", Type::aaaa, {});
  now += 1s;
  EXPECT_THAT(lookup(*resolver, "gone.test"), UnorderedElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, AFailedLookupKeepsTheOldAddresses) {
  dns.set("a.test", Type::a, {.addresses = {"192.0.2.1"}});
  dns.set("a.test", Type::aaaa, {});
  const auto resolver = make();
  lookup(*resolver, "a.test");
  for (const Code code : {Code::name_error, Code::server_failure}) {
    now += 60s;
    dns.set("a.test", Type::a, {.code = code});
    dns.set("a.test", Type::aaaa, {.code = code});
    EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
    EXPECT_NE(resolver->cached("a.test"), nullptr);
  }
}

TEST_F(ResolverTest, OldAddressesAnswerWhileDnsIsSilentAndNewsIsTakenWhenItComes) {
  dns.set("a.test", Type::a, {.addresses = {"192.0.2.1"}});
  dns.set("a.test", Type::aaaa, {});
  const auto resolver = make(4s);
  lookup(*resolver, "a.test");
  now += 60s;
  dns.set("a.test", Type::a, {.code = Code::silence});
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
  EXPECT_EQ(dns.asked("a.test", Type::a), 2) << "answered before the first repetition";
  dns.set("a.test", Type::a, {.addresses = {"192.0.2.7"}});
  ASSERT_TRUE(run_until([&] {
    const auto* cached = resolver->cached("a.test");
    return cached && cached->front().to_string() == "192.0.2.7";
  }));
}

TEST_F(ResolverTest, FindsServices) {
  using Services = std::vector<SrvRecord>;
  dns.set("_api._tcp.a.test", Type::srv, {.addresses = {"1 20 8080 b.test", "2 0 80 c.test"}});
  dns.set("_no._tcp.a.test", Type::srv, {});
  dns.set("_down._tcp.a.test", Type::srv, {.code = Code::server_failure});
  const auto resolver = make(1s);
  const auto services = [&](const std::string& name) {
    std::optional<Result<Services>> result;
    resolver->resolve_srv(name, [&](Result<Services> got) { result = std::move(got); });
    EXPECT_FALSE(result.has_value()) << "called back within resolve_srv()";
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    return *result;
  };
  auto found = services("_api._tcp.a.test");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(*found, UnorderedElementsAre(SrvRecord{1, 20, 8080, "b.test"},
                                           SrvRecord{2, 0, 80, "c.test"}));
  for (const char* name :
       {"_no._tcp.a.test", "_down._tcp.a.test", "_gone._tcp.a.test", "a..b", "http://api.a.test"})
    EXPECT_FALSE(services(name)) << name;
}

TEST_F(ResolverTest, ASilentServerIsATimeout) {
  dns.set("a.test", Type::a, {.code = Code::silence});
  dns.set("a.test", Type::aaaa, {.code = Code::silence});
  const auto resolver = make(200ms);
  EXPECT_THAT(lookup(*resolver, "a.test"),
              testing::ElementsAre(HasSubstr("error: cannot resolve a.test: ")));
  EXPECT_EQ(dns.asked("a.test", Type::a), 2);
}

TEST_F(ResolverTest, BadNamesAreErrors) {
  const auto resolver = make();
  for (const std::string& name : {std::string(300, 'a'), std::string("a..b"), std::string()})
    EXPECT_THAT(lookup(*resolver, name), testing::ElementsAre(HasSubstr("error: "))) << name;
}

TEST_F(ResolverTest, MayEndWhileSomebodyWaits) {
  dns.set("a.test", Type::a, {.code = Code::silence});
  auto resolver = make();
  bool called = false;
  resolver->resolve("a.test", [&](const Result<Resolver::Addresses>&) { called = true; });
  ASSERT_TRUE(run_until([&] { return dns.asked("a.test", Type::a) == 1; }));
  resolver.reset();
  context.poll();
  EXPECT_FALSE(called);
}

// Two servers, of which the system's configuration names one at a time.
class SystemTest : public ResolverTest {
 protected:
  SystemTest() {
    for (FakeDns* server : {&dns, &second}) server->set("a.test", Type::aaaa, {});
    dns.set("a.test", Type::a, {.addresses = {"192.0.2.1"}, .ttl = 1});
    second.set("a.test", Type::a, {.addresses = {"192.0.2.2"}, .ttl = 1});
    write("nameserver 127.0.0.1\n");
  }
  ~SystemTest() override { std::filesystem::remove(file); }

  void write(const std::string& text) const {
    std::ofstream(file + ".new") << text;
    std::filesystem::rename(file + ".new", file);
  }
  std::unique_ptr<Resolver> make_of_system(std::chrono::milliseconds timeout = 5s) {
    return std::make_unique<Resolver>(
        context, timeout, "", [this] { return now; }, Resolver::System{file, dns.port()});
  }

  const std::string file = testing::TempDir() + "resolv_conf_" + std::to_string(::getpid());
  FakeDns second{context, {asio::ip::make_address("127.0.0.2"), dns.port()}};
};

TEST_F(SystemTest, AChangedConfigurationIsSeenAfterSomeSeconds) {
  const auto resolver = make_of_system();
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
  write("nameserver 127.0.0.2\n");
  now += 2s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
  now += 3s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.2"));
  now += 5s;
  lookup(*resolver, "a.test");
  write("nameserver 127.0.0.1\n");
  now += 5s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
}

TEST_F(SystemTest, WhatIsNotWholeYetIsNotTaken) {
  const auto resolver = make_of_system();
  write("");
  now += 5s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
  std::filesystem::remove(file);
  now += 5s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.1"));
  write("nameserver 127.0.0.2\n");
  now += 5s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.2"));
}

TEST_F(SystemTest, LookupsUnderWayFinishWithTheServersTheyBeganWith) {
  dns.set("slow.test", Type::a, {.code = Code::silence});
  dns.set("slow.test", Type::aaaa, {});
  second.set("slow.test", Type::a, {.addresses = {"192.0.2.2"}});
  const auto resolver = make_of_system(2s);
  std::string slow;
  resolver->resolve("slow.test", [&](const Result<Resolver::Addresses>& got) {
    slow = got ? got->front().to_string() : "error: " + got.error().message;
  });
  ASSERT_TRUE(run_until([&] { return dns.asked("slow.test", Type::a) == 1; }));
  write("nameserver 127.0.0.2\n");
  now += 5s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.2"));
  EXPECT_EQ(slow, "");
  dns.set("slow.test", Type::a, {.addresses = {"192.0.2.1"}});
  ASSERT_TRUE(run_until([&] { return !slow.empty(); }));
  EXPECT_EQ(slow, "192.0.2.1");
  EXPECT_EQ(second.asked("slow.test", Type::a), 0);
  now += 5s;  // the old channel goes
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.2"));
}

TEST_F(SystemTest, MayEndWhileAnOldConfigurationIsAsked) {
  dns.set("slow.test", Type::a, {.code = Code::silence});
  auto resolver = make_of_system();
  bool called = false;
  resolver->resolve("slow.test", [&](const Result<Resolver::Addresses>&) { called = true; });
  ASSERT_TRUE(run_until([&] { return dns.asked("slow.test", Type::a) == 1; }));
  write("nameserver 127.0.0.2\n");
  now += 5s;
  EXPECT_THAT(lookup(*resolver, "a.test"), UnorderedElementsAre("192.0.2.2"));
  resolver.reset();
  context.poll();
  EXPECT_FALSE(called);
}

TEST_F(ResolverTest, UnusableServersAreAnErrorOfEveryLookup) {
  Resolver resolver(context, 1s, "not a server");
  EXPECT_THAT(lookup(resolver, "a.test"),
              testing::ElementsAre(HasSubstr("error: cannot resolve a.test: ")));
}

}  // namespace
}  // namespace ropewalk::net
