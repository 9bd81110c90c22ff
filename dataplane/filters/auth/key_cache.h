// The keys of one key server as a cache that knows no I/O: which key is there, which is due, and
// for which names nobody asks again for a while. Keys live singly, as in KrakenD: a set that was
// fetched adds and renews, and every key goes when its own time is over. Not thread-safe.
#pragma once

#include "common/jose/key.h"
#include "common/jose/token.h"
#include "common/keyed_table.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::auth {

using KeyPtr = std::shared_ptr<const jose::Key>;
using KeyMap = KeyedMap<KeyPtr>;
using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// Keys by what tokens call them; of equal names the last one counts.
KeyMap keys_by_name(const std::vector<KeyPtr>& keys, jose::KeyNaming naming);

struct KeyCacheSettings {
  bool keep = false;        // false: every request asks the key server
  milliseconds life{};      // of a key
  milliseconds cooldown{};  // 0: names that nobody knows are asked for every time
  bool may_share = false;   // with other endpoints, where the service says so
};

class KeyCache {
 public:
  explicit KeyCache(KeyCacheSettings settings) : settings_(settings) {
    settings_.life = std::min(settings_.life, kLongest);
  }

  enum class State : std::uint8_t {
    fresh,
    due,      // good, but soon over: to be fetched beside the request
    absent,   // to be fetched before the request goes on
    refused,  // it failed a short while ago
  };
  struct Found {
    State state = State::absent;
    KeyPtr key;  // fresh and due
  };
  Found find(const std::string& name, TimePoint now);
  void put(const KeyMap& keys, TimePoint now);
  // A fetch for `name` failed, or did not bring it.
  void missed(const std::string& name, TimePoint now);

  std::size_t size() const { return kept_.size(); }
  std::size_t refused() const { return refused_.size(); }

 private:
  struct Kept {
    KeyPtr key;
    TimePoint since;
  };
  static constexpr milliseconds kLongest = std::chrono::hours(24 * 1000);
  static constexpr std::size_t kMostKeys = 5000;
  static constexpr std::size_t kMostRefused = 10000;

  KeyCacheSettings settings_;
  KeyedMap<Kept> kept_;
  KeyedMap<TimePoint> refused_;  // until when
};

}  // namespace ropewalk::auth
