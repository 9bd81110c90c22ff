// The circuit breaker without a clock.
#include "dataplane/filters/circuit_breaker/breaker.h"

#include <gtest/gtest.h>

namespace ropewalk::circuit_breaker {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;

class BreakerTest : public ::testing::Test {
 protected:
  Entry call(Breaker& breaker, Outcome outcome) {
    const auto admission = breaker.enter(now_);
    if (admission.entry == Entry::admitted) breaker.leave(admission.generation, outcome, now_);
    return admission.entry;
  }
  Nanoseconds now_ = 1000 * kSecond;
};

TEST_F(BreakerTest, OpensWhenConsecutiveFailuresExceedTheLimit) {
  Breaker breaker({60 * kSecond, 10 * kSecond, 2}, now_);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(call(breaker, Outcome::failure), Entry::admitted);
  EXPECT_EQ(call(breaker, Outcome::success), Entry::admitted) << "a success forgets them";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call(breaker, Outcome::failure), Entry::admitted);
  EXPECT_EQ(call(breaker, Outcome::success), Entry::open);
}

TEST_F(BreakerTest, ZeroErrorsOpensAtTheFirst) {
  Breaker breaker({0, 10 * kSecond, 0}, now_);
  EXPECT_EQ(call(breaker, Outcome::failure), Entry::admitted);
  EXPECT_EQ(call(breaker, Outcome::failure), Entry::open);
}

TEST_F(BreakerTest, TheIntervalForgets) {
  Breaker windowed({kSecond, 60 * kSecond, 1}, now_);
  Breaker forever({0, 60 * kSecond, 1}, now_);
  call(windowed, Outcome::failure);
  call(forever, Outcome::failure);
  now_ += 2 * kSecond;
  call(windowed, Outcome::failure);
  call(forever, Outcome::failure);
  EXPECT_EQ(windowed.state(), State::closed);
  EXPECT_EQ(forever.state(), State::open);
}

TEST_F(BreakerTest, HalfOpenLetsOneThroughWhoseOutcomeDecides) {
  Breaker breaker({60 * kSecond, 5 * kSecond, 0}, now_);
  call(breaker, Outcome::failure);
  now_ += 5 * kSecond;
  EXPECT_EQ(call(breaker, Outcome::success), Entry::open) << "only after the timeout";
  now_ += 1;
  const auto first = breaker.enter(now_);
  EXPECT_EQ(first.entry, Entry::admitted);
  EXPECT_EQ(breaker.enter(now_).entry, Entry::busy);
  breaker.leave(first.generation, Outcome::failure, now_);
  EXPECT_EQ(breaker.state(), State::open) << "open again, for a whole timeout";
  now_ += 5 * kSecond + 1;
  EXPECT_EQ(call(breaker, Outcome::success), Entry::admitted);
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, ACancelledCallSaysNothingAndFreesItsPlace) {
  Breaker breaker({0, kSecond, 1}, now_);
  call(breaker, Outcome::failure);
  call(breaker, Outcome::cancelled);
  call(breaker, Outcome::failure);
  EXPECT_EQ(breaker.state(), State::open) << "it was no success in between";
  now_ += kSecond + 1;
  EXPECT_EQ(call(breaker, Outcome::cancelled), Entry::admitted);
  EXPECT_EQ(call(breaker, Outcome::success), Entry::admitted) << "not busy for ever";
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST_F(BreakerTest, LateOutcomesOfAnEarlierStateDoNotCount) {
  Breaker breaker({0, kSecond, 0}, now_);
  const auto slow = breaker.enter(now_);
  call(breaker, Outcome::failure);
  now_ += kSecond + 1;
  EXPECT_EQ(call(breaker, Outcome::success), Entry::admitted);
  breaker.leave(slow.generation, Outcome::failure, now_);
  EXPECT_EQ(breaker.state(), State::closed);
}

}  // namespace
}  // namespace ropewalk::circuit_breaker
