// Token buckets, and one for each of a million clients. No clock: the time is a number.
#include "dataplane/filters/ratelimit/client_buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace ropewalk::ratelimit {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr SipKey kKey{1, 2};

std::shared_ptr<SlotBudget> budget(std::int64_t slots = SlotBudget::kSlots) {
  return std::make_shared<SlotBudget>(slots);
}

TEST(Bucket, BurstIsTheCapacityThenOneForEachInterval) {
  SharedBucket bucket;
  const Rate rate = Rate::of(kSecond, 3);
  Nanoseconds now = 1000 * kSecond;
  for (const int left : {2, 1, 0}) {
    const Verdict verdict = bucket.take(rate, now);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
  }
  EXPECT_FALSE(bucket.take(rate, now).allowed);
  EXPECT_FALSE(bucket.take(rate, now + kSecond - 1).allowed);
  EXPECT_TRUE(bucket.take(rate, now + kSecond).allowed);
  EXPECT_FALSE(bucket.take(rate, now + kSecond).allowed);
}

TEST(Bucket, NeverHoldsMoreThanItsCapacity) {
  SharedBucket bucket;
  const Rate rate = Rate::of(kSecond, 2);
  EXPECT_TRUE(bucket.take(rate, kSecond).allowed);
  const Nanoseconds later = 500 * kSecond;  // an idle time longer than any refill
  EXPECT_TRUE(bucket.take(rate, later).allowed);
  EXPECT_TRUE(bucket.take(rate, later).allowed);
  EXPECT_FALSE(bucket.take(rate, later).allowed);
}

TEST(Bucket, RefusalsCostNothing) {
  SharedBucket bucket;
  const Rate rate = Rate::of(kSecond, 1);
  EXPECT_TRUE(bucket.take(rate, 10 * kSecond).allowed);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(bucket.take(rate, 10 * kSecond + i).allowed);
  EXPECT_TRUE(bucket.take(rate, 11 * kSecond).allowed);
}

TEST(Bucket, SaysWhenToComeBack) {
  SharedBucket bucket;
  const Rate rate = Rate::of(kSecond, 2);
  bucket.take(rate, 100 * kSecond);
  EXPECT_EQ(bucket.take(rate, 100 * kSecond).retry, kSecond);
  const Verdict refused = bucket.take(rate, 100 * kSecond + kSecond / 4);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry, kSecond / 4 * 3);
  EXPECT_EQ(refused.reset, kSecond / 4 * 7);
}

TEST(Bucket, ExtremeRatesDoNotOverflow) {
  const Nanoseconds late = Nanoseconds{1} << 61U;
  for (const Nanoseconds interval : {Nanoseconds{0}, Nanoseconds{1}, kSecond, INT64_MAX})
    for (const std::int64_t burst : {std::int64_t{0}, std::int64_t{1}, INT64_MAX}) {
      SharedBucket bucket;
      const Rate rate = Rate::of(interval, burst);
      EXPECT_GE(rate.burst(), 1);
      EXPECT_TRUE(bucket.take(rate, late).allowed) << interval << " " << burst;
      EXPECT_GE(bucket.take(rate, late).reset, 0);
    }
}

TEST(ClientBuckets, EachClientHasItsOwn) {
  ClientBuckets buckets(kKey, budget());
  const Rate rate = Rate::of(kSecond, 1);
  EXPECT_TRUE(buckets.take(rate, "anna", kSecond).allowed);
  EXPECT_FALSE(buckets.take(rate, "anna", kSecond).allowed);
  EXPECT_TRUE(buckets.take(rate, "bob", kSecond).allowed);
  EXPECT_FALSE(buckets.take(rate, "bob", kSecond).allowed);
}

TEST(ClientBuckets, AMillionClientsAreAllRemembered) {
  ClientBuckets buckets(kKey, budget());
  const Rate rate = Rate::of(600 * kSecond, 1);
  constexpr int kClients = 1'000'000;
  for (int i = 0; i < kClients; ++i)
    ASSERT_TRUE(buckets.take(rate, "client-" + std::to_string(i), kSecond).allowed) << i;
  for (int i = 0; i < kClients; ++i)
    ASSERT_FALSE(buckets.take(rate, "client-" + std::to_string(i), 2 * kSecond).allowed) << i;
  EXPECT_EQ(buckets.size(), kClients);
  const std::size_t each = buckets.memory_bytes() / kClients;
  RecordProperty("bytes_per_client", static_cast<int>(each));
  EXPECT_LE(each, 34);
}

TEST(ClientBuckets, NothingIsHeldBeforeTheFirstClient) {
  EXPECT_EQ(ClientBuckets(kKey, budget()).memory_bytes(), 0);
}

TEST(ClientBuckets, IdleClientsMakeRoom) {
  ClientBuckets buckets(kKey, budget(), 10'000);
  const Rate rate = Rate::of(kSecond, 1);
  Nanoseconds now = kSecond;
  std::size_t most = 0;
  for (int round = 0; round < 50; ++round, now += 2 * kSecond) {
    for (int i = 0; i < 1000; ++i)
      ASSERT_TRUE(buckets.take(rate, std::to_string(round) + "/" + std::to_string(i), now).allowed);
    most = std::max(most, buckets.memory_bytes());
  }
  EXPECT_LT(most, 200'000) << "50,000 clients came, 1,000 at a time";
}

TEST(ClientBuckets, BeyondTheBoundNewcomersTakeAPlaceNearlyFree) {
  constexpr std::size_t kMost = 1000;
  ClientBuckets buckets(kKey, budget(), kMost);
  const Rate slow = Rate::of(3600 * kSecond, 100);
  // One that has spent a lot, then a flood of those who spent one token.
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(buckets.take(slow, "greedy", kSecond).allowed);
  for (int i = 0; i < 50'000; ++i)
    ASSERT_TRUE(buckets.take(slow, "flood-" + std::to_string(i), kSecond).allowed);
  EXPECT_FALSE(buckets.take(slow, "greedy", kSecond).allowed);
  EXPECT_LE(buckets.memory_bytes(), kMost * 34 + 16 * 16 * 16);
}

TEST(ClientBuckets, TheBudgetOfTheProcessBoundsAllOfThem) {
  auto small = budget(2048);
  const Rate rate = Rate::of(3600 * kSecond, 1);
  {
    ClientBuckets first(kKey, small);
    ClientBuckets second(kKey, small);
    for (int i = 0; i < 20'000; ++i) {
      first.take(rate, std::to_string(i), kSecond);
      second.take(rate, std::to_string(i), kSecond);
    }
    EXPECT_LE(first.memory_bytes() + second.memory_bytes(), (2048 + 2 * 16 * 16) * 16);
    EXPECT_FALSE(second.take(rate, "19999", kSecond).allowed) << "the last one is known";
  }
  EXPECT_TRUE(small->take(2048)) << "given back";
}

TEST(SipHash, DependsOnKeyLengthAndEveryByte) {
  // Other keys and other texts give other values; the same ones the same.
  EXPECT_EQ(siphash({1, 2}, "a"), siphash({1, 2}, "a"));
  EXPECT_NE(siphash({1, 2}, "a"), siphash({1, 3}, "a"));
  EXPECT_NE(siphash({1, 2}, "a"), siphash({2, 2}, "a"));
  EXPECT_NE(siphash({1, 2}, std::string_view("a\0", 2)), siphash({1, 2}, "a"));
  std::set<std::uint64_t> seen;
  std::string text;
  for (int i = 0; i < 40; ++i, text += 'x') EXPECT_TRUE(seen.insert(siphash({5, 6}, text)).second);
}

}  // namespace
}  // namespace ropewalk::ratelimit
