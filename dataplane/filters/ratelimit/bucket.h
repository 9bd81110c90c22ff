// Token buckets with continuous refill (design 7.6) as GCRA: the whole state of a bucket is one
// moment, the one at which it will be full again. A bucket that is full needs no memory at all.
//
// Pure: the time is an argument, in nanoseconds of a steady clock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace ropewalk::ratelimit {

using Nanoseconds = std::int64_t;

// What refills and how much fits in.
struct Rate {
  Nanoseconds interval = 1;  // for one token, above 0
  Nanoseconds window = 1;    // for all of them: interval * burst

  // Clamped so that no later sum overflows (window at most 73 years).
  static Rate of(Nanoseconds interval, std::int64_t burst) {
    constexpr Nanoseconds kLongest = Nanoseconds{1} << 61U;
    Rate rate;
    rate.interval = std::clamp<Nanoseconds>(interval, 1, kLongest);
    const std::int64_t most = kLongest / rate.interval;
    rate.window = rate.interval * std::clamp<std::int64_t>(burst, 1, most);
    return rate;
  }
  std::int64_t burst() const { return window / interval; }
};

struct Verdict {
  bool allowed = true;
  std::int64_t remaining = 0;  // whole tokens left
  Nanoseconds retry = 0;       // until the next token; 0 when there is one
  Nanoseconds reset = 0;       // until the bucket is full
};

// Takes one token from a bucket that is full at `full_at`, which is moved on.
inline Verdict spend(const Rate& rate, Nanoseconds& full_at, Nanoseconds now) {
  const Nanoseconds next = std::max(full_at, now) + rate.interval;
  Verdict verdict;
  verdict.allowed = next - now <= rate.window;
  if (verdict.allowed) full_at = next;
  verdict.reset = std::max<Nanoseconds>(0, full_at - now);
  verdict.remaining = (rate.window - std::min(rate.window, verdict.reset)) / rate.interval;
  verdict.retry = std::max<Nanoseconds>(0, verdict.reset + rate.interval - rate.window);
  return verdict;
}

// One bucket for everybody. Any thread.
class SharedBucket {
 public:
  Verdict take(const Rate& rate, Nanoseconds now) {
    Nanoseconds seen = full_at_.load(std::memory_order_relaxed);
    while (true) {
      Nanoseconds full_at = seen;
      const Verdict verdict = spend(rate, full_at, now);
      if (!verdict.allowed) return verdict;
      if (full_at_.compare_exchange_weak(seen, full_at, std::memory_order_relaxed)) return verdict;
    }
  }

 private:
  std::atomic<Nanoseconds> full_at_{0};
};

}  // namespace ropewalk::ratelimit
