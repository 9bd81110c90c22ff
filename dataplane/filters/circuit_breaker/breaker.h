// A circuit breaker with the rules of KrakenD's (sony/gobreaker): closed it counts consecutive
// failures and forgets them at the end of each interval; more than max_errors of them open it;
// after the timeout it is half-open and lets one call through, whose outcome decides.
//
// Breaker is pure: the time is an argument. One thread at a time.
#pragma once

#include <cstdint>

namespace ropewalk::circuit_breaker {

using Nanoseconds = std::int64_t;

struct Settings {
  Nanoseconds interval = 0;  // 0: failures are never forgotten
  Nanoseconds timeout = 60'000'000'000;
  std::uint64_t max_errors = 0;
};

enum class State : std::uint8_t { closed, half_open, open };
const char* to_string(State state);

enum class Entry : std::uint8_t { admitted, open, busy };
// Cancelled calls say nothing about the backend; their place in a half-open breaker is free again.
enum class Outcome : std::uint8_t { success, failure, cancelled };

class Breaker {
 public:
  explicit Breaker(const Settings& settings, Nanoseconds now) : settings_(settings) {
    begin(State::closed, now);
  }

  struct Admission {
    Entry entry = Entry::admitted;
    std::uint64_t generation = 0;  // for leave()
  };
  Admission enter(Nanoseconds now);
  // Outcomes of calls that were admitted before the last change of state do not count.
  void leave(std::uint64_t generation, Outcome outcome, Nanoseconds now);

  State state() const { return state_; }

 private:
  void begin(State state, Nanoseconds now);
  void tick(Nanoseconds now);

  Settings settings_;
  State state_ = State::closed;
  std::uint64_t generation_ = 0;
  std::uint64_t inside_ = 0;    // calls let into a half-open breaker
  std::uint64_t failures_ = 0;  // consecutive
  Nanoseconds until_ = 0;       // end of the interval or of the timeout; 0: none
};

}  // namespace ropewalk::circuit_breaker
