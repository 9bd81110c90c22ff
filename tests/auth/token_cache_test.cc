#include "dataplane/filters/auth/token_cache.h"

#include <gtest/gtest.h>

#include <thread>

namespace ropewalk::auth {
namespace {

std::shared_ptr<const Verdict> verdict() { return std::make_shared<const Verdict>(); }

TEST(TokenCache, FindsTheWholeTextOnly) {
  TokenCache cache;
  const auto one = verdict();
  cache.put("head.payload.signature", one);
  EXPECT_EQ(cache.find("head.payload.signature"), one);
  EXPECT_EQ(cache.find("Xead.payload.signature"), nullptr);
  EXPECT_EQ(cache.find("head.payload.signatur"), nullptr);
  EXPECT_EQ(cache.find(""), nullptr);
  const auto two = verdict();
  cache.put("head.payload.signature", two);
  EXPECT_EQ(cache.find("head.payload.signature"), two);
  EXPECT_EQ(cache.size(), 1u);
  cache.erase("head.payload.signature");
  cache.erase("head.payload.signature");
  EXPECT_EQ(cache.size(), 0u);
}

TEST(TokenCache, StaysBoundedInNumberAndBytes) {
  TokenCache cache;
  for (int i = 0; i < 50000; ++i) cache.put("token" + std::to_string(i), verdict());
  EXPECT_LE(cache.size(), TokenCache::kMostTokens);
  EXPECT_GT(cache.size(), TokenCache::kMostTokens / 2);
  TokenCache large;
  for (int i = 0; i < 2000; ++i) large.put(std::string(30000, 'x') + std::to_string(i), verdict());
  EXPECT_LE(large.size(), TokenCache::kMostBytes / 30000);
  large.put(std::string(1 << 20, 'x'), verdict());
  EXPECT_EQ(large.find(std::string(1 << 20, 'x')), nullptr);
}

TEST(TokenCache, TheLeastRecentlyUsedGoFirst) {
  TokenCache cache;
  cache.put("often used", verdict());
  for (int i = 0; i < 50000; ++i) {
    cache.put("token" + std::to_string(i), verdict());
    ASSERT_NE(cache.find("often used"), nullptr) << i;
  }
}

TEST(TokenCache, SeveralThreads) {
  TokenCache cache;
  const auto work = [&](int first) {
    for (int i = 0; i < 5000; ++i) {
      const std::string token = "token" + std::to_string((first + i) % 3000);
      if (!cache.find(token)) cache.put(token, verdict());
      if (i % 7 == 0) cache.erase(token);
    }
  };
  std::thread other(work, 1500);
  work(0);
  other.join();
  EXPECT_LE(cache.size(), 3000u);
}

}  // namespace
}  // namespace ropewalk::auth
