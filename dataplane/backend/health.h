// Passive health of a host, and the budget of retries. Pure: the time is an argument. One worker.
#pragma once

#include "config/resilience.h"

#include <chrono>
#include <cstdint>

namespace ropewalk::backend {

using HealthClock = std::chrono::steady_clock;

// What the calls to one host have come to, whatever route they belong to (design 4.6).
class Health {
 public:
  bool ejected(HealthClock::time_point now) const { return now < until_; }

  void succeeded() {
    failures_ = 0;
    rests_ = 0;
  }

  // True when this failure ejects the host.
  bool failed(const config::EjectionRules& rules, HealthClock::time_point now) {
    constexpr std::uint32_t kMostRests = 10;
    if (ejected(now)) return false;  // of a call that began before
    if (++failures_ < rules.consecutive_failures) return false;
    // Back from a rest, one failure is enough for the next.
    failures_ = rules.consecutive_failures - 1;
    if (rests_ < kMostRests) ++rests_;
    until_ = now + std::chrono::nanoseconds(rules.time_ns) * rests_;
    return true;
  }

 private:
  std::uint32_t failures_ = 0;  // in a row
  std::uint32_t rests_ = 0;     // since the last success
  HealthClock::time_point until_{};
};

// Retries are a share of the calls: a backend that is down is not asked twice by everybody. A few
// are always in store, so that a quiet route has its retry.
class RetryBudget {
 public:
  void called(std::uint32_t percent) {
    hundredths_ += percent;
    if (hundredths_ > kMost) hundredths_ = kMost;
  }
  bool take() {
    if (hundredths_ < kOne) return false;
    hundredths_ -= kOne;
    return true;
  }

 private:
  static constexpr std::uint32_t kOne = 100;
  static constexpr std::uint32_t kMost = 50 * kOne;
  std::uint32_t hundredths_ = 10 * kOne;
};

}  // namespace ropewalk::backend
