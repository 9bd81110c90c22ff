// All deadlines of one worker: a hashed wheel of 10 ms ticks (design 4.8). Pure; the worker drives
// it with one Asio timer. A timer fires at its deadline or up to one tick later, never earlier. Not
// thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>

namespace ropewalk::runtime {

using Clock = std::chrono::steady_clock;

class TimerWheel;

// A deadline embedded in the object that waits for it. Destroying or cancelling it is O(1).
class Timer {
 public:
  using Callback = void (*)(void* context);
  Timer(Callback callback, void* context) : callback_(callback), context_(context) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void cancel();
  bool armed() const { return wheel_ != nullptr; }

 private:
  friend class TimerWheel;
  Callback callback_;
  void* context_;
  TimerWheel* wheel_ = nullptr;
  Timer* previous_ = nullptr;
  Timer* next_ = nullptr;
  std::int64_t tick_ = 0;
};

class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{10};

  explicit TimerWheel(Clock::time_point start) : start_(start) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();

  // Arms `timer` (again); called inside a callback too. `on_earlier` tells the driver when to wake
  // up sooner than it planned.
  void arm(Timer& timer, Clock::time_point deadline);
  // Fires what is due at `now`. Callbacks may arm, cancel and destroy timers.
  void advance(Clock::time_point now);
  // The earliest moment at which advance may have work; nullopt-like max() when there is none.
  Clock::time_point next_deadline() const;
  std::size_t size() const { return size_; }

  // Called by arm() when the new deadline is earlier than all others.
  void on_earlier(std::function<void(Clock::time_point)> callback) {
    on_earlier_ = std::move(callback);
  }

 private:
  friend class Timer;
  static constexpr std::int64_t kSlots = 512;
  void unlink(Timer& timer);
  std::int64_t tick_of(Clock::time_point moment) const;
  Clock::time_point moment_of(std::int64_t tick) const { return start_ + tick * kTick; }

  Clock::time_point start_;
  std::int64_t current_ = 0;          // ticks up to here have fired
  std::int64_t planned_ = INT64_MAX;  // the tick the driver was told to wake up for
  std::size_t size_ = 0;
  std::array<Timer*, kSlots> slots_{};
  std::function<void(Clock::time_point)> on_earlier_;
};

}  // namespace ropewalk::runtime
