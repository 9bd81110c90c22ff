#include "controller/kube/status_queue.h"

#include <algorithm>

namespace ropewalk::controller::kube {

void StatusQueue::add(const ObjectKey& key) {
  if (waiting_.contains(key) || !queued_.insert(key).second) return;
  ready_.push_back(key);
}

void StatusQueue::renew(const ObjectKey& key, Time now) {
  failures_.erase(key);
  if (queued_.contains(key)) return;
  Time& at = waiting_.try_emplace(key, now + kGather).first->second;
  at = std::min(at, now + kGather);
}

Time StatusQueue::allowed(Time now) const {
  const Time earliest = paid_ - kPerWrite * (kBurst - 1);
  return std::max(earliest, now);
}

std::optional<ObjectKey> StatusQueue::take(Time now) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    if (queued_.insert(at->first).second) ready_.push_back(at->first);
    at = waiting_.erase(at);
  }
  if (ready_.empty() || allowed(now) > now) return {};
  ObjectKey out = std::move(ready_.front());
  ready_.pop_front();
  queued_.erase(out);
  paid_ = std::max(paid_, now) + kPerWrite;
  return out;
}

std::optional<Time> StatusQueue::due(Time now) const {
  if (!ready_.empty()) return allowed(now);
  std::optional<Time> out;
  for (const auto& [key, at] : waiting_) out = out ? std::min(*out, at) : at;
  if (out) out = std::max(*out, allowed(now));
  return out;
}

void StatusQueue::failed(const ObjectKey& key, Time now) {
  const auto [at, first] = failures_.try_emplace(key, kFirst);
  if (!first) at->second = std::min(at->second * 2, kLongest);
  waiting_[key] = now + at->second;
}

void StatusQueue::clear() {
  ready_.clear();
  queued_.clear();
  waiting_.clear();
  failures_.clear();
}

}  // namespace ropewalk::controller::kube
