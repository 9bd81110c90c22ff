#include "dataplane/net/dns_cache.h"

#include <gtest/gtest.h>

namespace ropewalk::net {
namespace {

using namespace std::chrono_literals;

const DnsCache::Clock::time_point kStart = DnsCache::Clock::time_point() + 1000h;
const DnsCache::Addresses kOne = {boost::asio::ip::make_address("192.0.2.1")};

TEST(DnsCache, KeepsAnswersForTheirTtlWithinBounds) {
  struct Case {
    std::chrono::seconds ttl, kept;
  };
  for (const Case& c : {Case{0s, 1s}, {1s, 1s}, {20s, 20s}, {30s, 30s}, {3600s, 30s}}) {
    DnsCache cache;
    cache.store("a", kOne, c.ttl, kStart);
    ASSERT_NE(cache.fresh("a", kStart + c.kept - 1ms), nullptr);
    EXPECT_EQ(*cache.fresh("a", kStart), kOne);
    EXPECT_EQ(cache.fresh("a", kStart + c.kept), nullptr);
    EXPECT_EQ(cache.failure("a", kStart), nullptr);
  }
}

TEST(DnsCache, FailuresOfAnUnknownNameAreRememberedForASecond) {
  DnsCache cache;
  cache.fail("a", "not found", kStart);
  ASSERT_NE(cache.failure("a", kStart + 999ms), nullptr);
  EXPECT_EQ(*cache.failure("a", kStart), "not found");
  EXPECT_EQ(cache.failure("a", kStart + 1s), nullptr);
  EXPECT_EQ(cache.known("a"), nullptr);
  EXPECT_EQ(cache.failure("b", kStart), nullptr);
}

TEST(DnsCache, OldAddressesServeOnLongerWithEveryFailure) {
  DnsCache cache;
  auto now = kStart;
  cache.store("a", kOne, 5s, now);
  now += 5s;
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    cache.fail("a", "timeout", now);
    ASSERT_NE(cache.fresh("a", now + pause - 1ms), nullptr);
    now += pause;
    EXPECT_EQ(cache.fresh("a", now), nullptr);
    EXPECT_NE(cache.known("a"), nullptr);
    EXPECT_EQ(cache.failure("a", now - 1ms), nullptr);
  }
  cache.store("a", kOne, 5s, now);
  cache.fail("a", "timeout", now + 5s);
  EXPECT_EQ(cache.fresh("a", now + 6s), nullptr);  // the count began anew
}

TEST(DnsCache, IsBounded) {
  DnsCache cache;
  for (int i = 0; i < 10000; ++i) cache.store(std::to_string(i), kOne, 30s, kStart);
  int held = 0;
  for (int i = 0; i < 10000; ++i) held += cache.known(std::to_string(i)) != nullptr;
  EXPECT_EQ(held, 4096);
  EXPECT_NE(cache.known("9999"), nullptr);
}

}  // namespace
}  // namespace ropewalk::net
