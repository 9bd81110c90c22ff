#include "dataplane/filters/auth/key_cache.h"

namespace ropewalk::auth {

KeyMap keys_by_name(const std::vector<KeyPtr>& keys, jose::KeyNaming naming) {
  KeyMap out;
  for (const KeyPtr& key : keys) out.insert_or_assign(jose::key_name(*key, naming), key);
  return out;
}

KeyCache::Found KeyCache::find(const std::string& name, TimePoint now) {
  if (const auto at = kept_.find(name); at != kept_.end()) {
    const auto age = now - at->second.since;
    if (age <= settings_.life) {
      // The last tenth of its life: early enough that no request waits.
      const bool due = age * 10 >= settings_.life * 9;
      return {due ? State::due : State::fresh, at->second.key};
    }
    kept_.erase(at);
  }
  if (const auto at = refused_.find(name); at != refused_.end()) {
    if (now < at->second) return {State::refused, nullptr};
    refused_.erase(at);
  }
  return {};
}

void KeyCache::put(const KeyMap& keys, TimePoint now) {
  if (!settings_.keep) return;
  if (kept_.size() + keys.size() > kMostKeys)
    std::erase_if(kept_,
                  [&](const auto& entry) { return now - entry.second.since > settings_.life; });
  if (kept_.size() + keys.size() > kMostKeys) kept_.clear();
  for (const auto& [name, key] : keys) kept_.insert_or_assign(name, Kept{key, now});
}

void KeyCache::missed(const std::string& name, TimePoint now) {
  if (settings_.cooldown.count() == 0) return;
  if (refused_.size() >= kMostRefused) {
    std::erase_if(refused_, [&](const auto& entry) { return now >= entry.second; });
    // A flood of invented names: forgetting them costs fetches, one at a time.
    if (refused_.size() >= kMostRefused) refused_.clear();
  }
  refused_.insert_or_assign(name, now + settings_.cooldown);
}

}  // namespace ropewalk::auth
