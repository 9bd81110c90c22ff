// What outlives a configuration: buckets, breakers, caches. A filter that is made again from the
// same text at the same place finds the state of its predecessor; when the last filter that holds
// it is gone, so is the state. The thread that compiles only.
#pragma once

#include "common/strings.h"

#include <cstddef>
#include <cstdint>
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
    return made;
  }
  // Before each configuration. Forgets keys whose state is gone.
  void next_configuration() {
    ++configuration_;
    std::erase_if(states_, [](const auto& entry) { return entry.second.expired(); });
  }
  // Its number: for states that several filters share and that follow the first of each.
  std::uint64_t configuration() const { return configuration_; }
  std::size_t size() const { return states_.size(); }

 private:
  std::uint64_t configuration_ = 0;
  std::map<std::string, std::weak_ptr<void>> states_;
};

}  // namespace ropewalk::pipeline
