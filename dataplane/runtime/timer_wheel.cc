#include "dataplane/runtime/timer_wheel.h"

#include <algorithm>

namespace ropewalk::runtime {

void Timer::cancel() {
  if (wheel_) wheel_->unlink(*this);
}

TimerWheel::~TimerWheel() {
  for (Timer* timer : slots_)
    for (; timer; timer = timer->next_) timer->wheel_ = nullptr;
}

std::int64_t TimerWheel::tick_of(Clock::time_point moment) const {
  // Rounded up: a timer never fires early.
  return (moment - start_ + kTick - std::chrono::nanoseconds(1)) / kTick;
}

void TimerWheel::arm(Timer& timer, Clock::time_point deadline) {
  timer.cancel();
  timer.tick_ = std::max(tick_of(deadline), current_ + 1);
  Timer*& head = slots_[static_cast<std::size_t>(timer.tick_ % kSlots)];
  timer.wheel_ = this;
  timer.previous_ = nullptr;
  timer.next_ = head;
  if (head) head->previous_ = &timer;
  head = &timer;
  ++size_;
  if (timer.tick_ < planned_) {
    planned_ = timer.tick_;
    if (on_earlier_) on_earlier_(moment_of(planned_));
  }
}

void TimerWheel::unlink(Timer& timer) {
  if (timer.previous_)
    timer.previous_->next_ = timer.next_;
  else
    slots_[static_cast<std::size_t>(timer.tick_ % kSlots)] = timer.next_;
  if (timer.next_) timer.next_->previous_ = timer.previous_;
  timer.wheel_ = nullptr;
  --size_;
}

void TimerWheel::advance(Clock::time_point now) {
  planned_ = INT64_MAX;
  const std::int64_t target = (now - start_) / kTick;
  // After a long sleep one round over all slots fires everything that is due.
  std::int64_t tick = std::max(current_ + 1, target - kSlots + 1);
  current_ = std::max(current_, target);
  for (; tick <= target; ++tick) {
    // A callback may cancel any timer, the next in the list included: take the due ones one by one
    // from the head.
    Timer*& head = slots_[static_cast<std::size_t>(tick % kSlots)];
    for (;;) {
      Timer* due = head;
      while (due && due->tick_ > target) due = due->next_;
      if (!due) break;
      unlink(*due);
      due->callback_(due->context_);
    }
  }
  const Clock::time_point next = next_deadline();
  if (next != Clock::time_point::max()) {
    planned_ = tick_of(next);
    if (on_earlier_) on_earlier_(next);
  }
}

Clock::time_point TimerWheel::next_deadline() const {
  if (size_ == 0) return Clock::time_point::max();
  std::int64_t far = INT64_MAX;
  for (std::int64_t tick = current_ + 1; tick <= current_ + kSlots; ++tick) {
    for (const Timer* timer = slots_[static_cast<std::size_t>(tick % kSlots)]; timer;
         timer = timer->next_) {
      if (timer->tick_ == tick) return moment_of(tick);
      far = std::min(far, timer->tick_);
    }
  }
  return moment_of(far);
}

}  // namespace ropewalk::runtime
