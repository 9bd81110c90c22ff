// The writer's work: which Services to look at next. Level-triggered, each key once, with a rate
// and a wait per key after a failure. No I/O; one thread.
#pragma once

#include "controller/kube/backoff.h"
#include "controller/objects/objects.h"

#include <deque>
#include <map>
#include <optional>
#include <set>

namespace ropewalk::controller::kube {

class StatusQueue {
 public:
  // A key that waits goes on waiting.
  void add(const ObjectKey& key);
  // As add(), but what is to be said is new: earlier failures count no more. Due after 100 ms, so
  // that one write says what several changes led to and writing does not slow down serving.
  void renew(const ObjectKey& key, Time now);
  // The next key that is due; taken out.
  std::optional<ObjectKey> take(Time now);
  // When take() will have something, nothing if the queue is empty.
  std::optional<Time> due(Time now) const;
  // Puts the key back: first after 200 ms, doubled up to a minute.
  void failed(const ObjectKey& key, Time now);
  void succeeded(const ObjectKey& key) { failures_.erase(key); }
  bool has_failed(const ObjectKey& key) const { return failures_.contains(key); }
  void clear();
  bool holds(const ObjectKey& key) const { return waiting_.contains(key) || queued_.contains(key); }
  bool empty() const { return ready_.empty() && waiting_.empty(); }

 private:
  static constexpr Milliseconds kGather{100};
  static constexpr Milliseconds kFirst{200};
  static constexpr Milliseconds kLongest{60'000};
  static constexpr Milliseconds kPerWrite{10};  // 100 a second ...
  static constexpr int kBurst = 100;            // ... after the first hundred

  Time allowed(Time now) const;

  std::deque<ObjectKey> ready_;
  std::set<ObjectKey> queued_;  // what ready_ holds
  std::map<ObjectKey, Time> waiting_;
  std::map<ObjectKey, Milliseconds> failures_;
  Time paid_{};  // the bucket is full again at this time
};

}  // namespace ropewalk::controller::kube
