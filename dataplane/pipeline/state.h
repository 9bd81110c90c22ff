// What outlives a configuration: buckets, breakers, caches. A filter that is made again from the
// same text at the same place finds the state of its predecessor; when the last filter that holds
// it is gone, so is the state. The thread that compiles only.
#pragma once

#include "common/strings.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ropewalk::pipeline {

class StateRegistry {
 public:
  // `key`: the place and the settings ("endpoint/* GET /a#qos/ratelimit/router {...}"): other
  // settings begin anew. One key always belongs to one T.
  template <class T, class... Args>
  std::shared_ptr<T> get(const std::string& key, Args&&... args) {
    // Settings may hold secrets: only their digest stays.
    std::weak_ptr<void>& known = states_[sha256_hex(key)];
    if (auto state = known.lock()) return std::static_pointer_cast<T>(state);
    auto made = std::make_shared<T>(std::forward<Args>(args)...);
    known = made;
    if (states_.size() >= sweep_at_) sweep();
    return made;
  }
  std::size_t size() const { return states_.size(); }

 private:
  // Forgets keys whose state is gone, before there are twice as many as were in use.
  void sweep() {
    std::erase_if(states_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max(kLeast, 2 * states_.size());
  }

  static constexpr std::size_t kLeast = 64;
  std::map<std::string, std::weak_ptr<void>> states_;
  std::size_t sweep_at_ = kLeast;
};

}  // namespace ropewalk::pipeline
