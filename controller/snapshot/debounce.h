// When a change of the objects is worth a translation: the first one after quiet at once, a burst
// once it is over, and never later than a bound. Pure: the owner brings the clock and the timer.
#pragma once

#include "controller/objects/source.h"

#include <chrono>
#include <optional>

namespace ropewalk::controller {

class Debounce {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::chrono::milliseconds idle{50};  // no change for this long: the next one does not wait
    std::chrono::milliseconds quiet{10};
    std::chrono::milliseconds quiet_endpoints{2};
    std::chrono::milliseconds longest{100};  // from the first change that waits
  };

  Debounce() = default;
  explicit Debounce(const Limits& limits) : limits_(limits) {}

  void on_change(Change change, Clock::time_point now);
  // When fire() has something to do; nothing while no change waits.
  std::optional<Clock::time_point> deadline() const { return deadline_; }
  // True once per burst, at or after the deadline; then nothing waits any more.
  bool fire(Clock::time_point now);

 private:
  Limits limits_;
  std::optional<Clock::time_point> last_change_;
  std::optional<Clock::time_point> first_waiting_;
  std::optional<Clock::time_point> deadline_;
  bool only_endpoints_ = true;
};

}  // namespace ropewalk::controller
