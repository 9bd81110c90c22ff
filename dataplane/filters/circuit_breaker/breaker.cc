#include "dataplane/filters/circuit_breaker/breaker.h"

namespace ropewalk::circuit_breaker {

const char* to_string(State state) {
  switch (state) {
    case State::closed:
      return "closed";
    case State::half_open:
      return "half-open";
    case State::open:
      return "open";
  }
  return "closed";
}

void Breaker::begin(State state, Nanoseconds now) {
  state_ = state;
  ++generation_;
  inside_ = 0;
  failures_ = 0;
  switch (state) {
    case State::closed:
      until_ = settings_.interval == 0 ? 0 : now + settings_.interval;
      break;
    case State::open:
      until_ = now + settings_.timeout;
      break;
    case State::half_open:
      until_ = 0;
      break;
  }
}

// What time alone changes.
void Breaker::tick(Nanoseconds now) {
  if (until_ == 0 || now <= until_) return;
  begin(state_ == State::open ? State::half_open : State::closed, now);
}

Breaker::Admission Breaker::enter(Nanoseconds now) {
  tick(now);
  if (state_ == State::open) return {Entry::open, generation_};
  if (state_ == State::half_open) {
    if (inside_ > 0) return {Entry::busy, generation_};
    ++inside_;
  }
  return {Entry::admitted, generation_};
}

void Breaker::leave(std::uint64_t generation, Outcome outcome, Nanoseconds now) {
  tick(now);
  if (generation != generation_) return;
  switch (outcome) {
    case Outcome::success:
      failures_ = 0;
      if (state_ == State::half_open) begin(State::closed, now);
      break;
    case Outcome::failure:
      ++failures_;
      if (state_ == State::half_open || failures_ > settings_.max_errors) begin(State::open, now);
      break;
    case Outcome::cancelled:
      if (inside_ > 0) --inside_;
      break;
  }
}

}  // namespace ropewalk::circuit_breaker
