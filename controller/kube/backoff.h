// How long to wait after a failure. A value without I/O; one per watch or queue; one thread.
#pragma once

#include <chrono>
#include <functional>

namespace ropewalk::controller::kube {

using Time = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;
using Random = std::function<double()>;  // [0, 1)

// A restarted API server refuses connections for 0.8 to 2 s and then answers 403 for some 10 ms
// until its role cache is filled. Both cost it nothing, so the first retries come fast; only what
// lasts longer is taken for an outage and backs off as client-go does.
class Backoff {
 public:
  enum class Cause {
    away,        // no connection
    denied,      // 401, 403: rights that may be there in a moment
    overloaded,  // it answered, but not well: never hurried
  };

  explicit Backoff(Random random) : random_(std::move(random)) {}

  Milliseconds next(Cause cause);
  // Call when a watch begins to work and when it ends: ten seconds of health forget the past.
  void healthy_for(Milliseconds time);

 private:
  static constexpr int kFastAway = 60;             // about 9 s
  static constexpr int kFastDenied = 15;           // about 2 s
  static constexpr Milliseconds kFast{100};        // plus as much jitter
  static constexpr Milliseconds kFirst{800};       // doubled, plus as much jitter
  static constexpr Milliseconds kLongest{30'000};  // jitter included
  static constexpr Milliseconds kHealth{10'000};

  Random random_;
  int fast_tries_ = 0;
  Milliseconds slow_ = kFirst;
};

}  // namespace ropewalk::controller::kube
