#include "controller/kube/backoff.h"

#include <algorithm>

namespace ropewalk::controller::kube {

Milliseconds Backoff::next(Cause cause) {
  const auto jittered = [this](Milliseconds base) {
    const auto extra =
        static_cast<Milliseconds::rep>(static_cast<double>(base.count()) * random_());
    return std::min(base + Milliseconds(extra), kLongest);
  };
  const int fast = cause == Cause::away ? kFastAway : cause == Cause::denied ? kFastDenied : 0;
  if (fast_tries_ < fast) {
    ++fast_tries_;
    return jittered(kFast);
  }
  const Milliseconds delay = jittered(slow_);
  slow_ = std::min(slow_ * 2, kLongest);
  return delay;
}

void Backoff::healthy_for(Milliseconds time) {
  if (time < kHealth) return;
  fast_tries_ = 0;
  slow_ = kFirst;
}

}  // namespace ropewalk::controller::kube
