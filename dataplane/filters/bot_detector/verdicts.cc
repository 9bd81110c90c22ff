#include "dataplane/filters/bot_detector/verdicts.h"

namespace ropewalk::filters {
namespace {

constexpr std::size_t kLongestAgent = 512;

}  // namespace

std::optional<bool> Verdicts::find(std::string_view agent) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(agent);
  if (found == index_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->bot;
}

void Verdicts::keep(std::string_view agent, bool bot) {
  if (agent.size() > kLongestAgent) return;
  const std::lock_guard lock(mutex_);
  if (most_ == 0 || index_.contains(agent)) return;
  if (entries_.size() >= most_) {
    index_.erase(entries_.back().agent);
    entries_.pop_back();
  }
  entries_.push_front({std::string(agent), bot});
  index_.emplace(entries_.front().agent, entries_.begin());
}

std::size_t Verdicts::size() {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace ropewalk::filters
