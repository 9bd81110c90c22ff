#include "dataplane/filters/http_cache/store.h"

#include <algorithm>

namespace ropewalk::http_cache {
namespace {

// For so long nobody waits for a key whose answer could not be shared.
constexpr Nanoseconds kUnshared = 10'000'000'000;
constexpr std::size_t kMostUnshared = 1024;

std::string flight_of(const Store::Wanted& wanted) {
  return std::string(wanted.key).append(1, '\n').append(wanted.variant);
}

}  // namespace

Store::Store(Bounds bounds, std::size_t shards, SipKey key) : hash_{key} {
  for (std::size_t i = 0; i < shards; ++i)
    shards_.push_back(std::make_unique<Shard>(hash_, of_one(bounds, shards)));
}

Bounds Store::of_one(Bounds bounds, std::size_t shards) {
  return {std::max<std::size_t>(1, bounds.items / shards),
          std::max<std::uint64_t>(1, bounds.bytes / shards)};
}

void Store::shrink(Shard& shard, const Bounds& bounds) {
  while (!shard.items.empty() && (shard.items.size() > bounds.items || shard.bytes > bounds.bytes))
    remove(shard, std::prev(shard.items.end()));
}

void Store::resize(Bounds bounds, std::uint64_t configuration) {
  const std::lock_guard lock(resizing_);
  if (configuration_ == configuration) return;
  configuration_ = configuration;
  for (const auto& shard : shards_) {
    const std::lock_guard shard_lock(shard->mutex);
    shard->bounds = of_one(bounds, shards_.size());
    shrink(*shard, shard->bounds);
  }
}

Store::Shard& Store::shard_of(std::string_view key) {
  if (shards_.size() == 1) return *shards_.front();
  return *shards_[(hash_(key) >> 32U) % shards_.size()];
}

void Store::remove(Shard& shard, Items::iterator item) {
  shard.bytes -= item->key.size() + item->entry->bytes();
  shard.index.erase(item->key);
  shard.items.erase(item);
}

std::shared_ptr<const Entry> Store::find(std::string_view key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found == shard.index.end()) return nullptr;
  shard.items.splice(shard.items.begin(), shard.items, found->second);
  return found->second->entry;
}

bool Store::put(std::string_view key, std::shared_ptr<const Entry> entry) {
  const std::uint64_t size = key.size() + entry->bytes();
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.index.find(key); found != shard.index.end())
    remove(shard, found->second);
  if (size > shard.bounds.bytes) return false;
  shrink(shard, {shard.bounds.items - 1, shard.bounds.bytes - size});
  shard.items.push_front({std::string(key), std::move(entry)});
  shard.index.emplace(shard.items.front().key, shard.items.begin());
  shard.bytes += size;
  return true;
}

void Store::erase(std::string_view key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.index.find(key); found != shard.index.end())
    remove(shard, found->second);
}

std::size_t Store::size() const {
  std::size_t sum = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    sum += shard->items.size();
  }
  return sum;
}

std::uint64_t Store::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    sum += shard->bytes;
  }
  return sum;
}

Store::Role Store::join(Wanted wanted, const Entry* seen, const void* party,
                        const std::function<Wake()>& wake, Nanoseconds now) {
  const std::string_view key = wanted.key;
  std::string flown = flight_of(wanted);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  const Entry* here = found == shard.index.end() ? nullptr : found->second->entry.get();
  if (here && here != seen) return Role::changed;
  if (const auto known = shard.unshared.find(hash_(key)); known != shard.unshared.end()) {
    if (now < known->second) return Role::alone;
    shard.unshared.erase(known);
  }
  const auto [flight, first] = shard.flights.try_emplace(std::move(flown));
  if (first) {
    flight->second.party = party;
    return Role::leads;
  }
  if (flight->second.party == party) return Role::alone;
  flight->second.waiting.push_back(wake());
  return Role::waits;
}

void Store::land(Wanted wanted, Landing landing, Nanoseconds now) {
  const std::string flown = flight_of(wanted);
  Shard& shard = shard_of(wanted.key);
  std::vector<Wake> waiting;
  {
    const std::lock_guard lock(shard.mutex);
    const auto flight = shard.flights.find(flown);
    if (flight != shard.flights.end()) {
      waiting = std::move(flight->second.waiting);
      shard.flights.erase(flight);
    }
    if (landing == Landing::unshared) {
      if (shard.unshared.size() >= kMostUnshared) shard.unshared.clear();
      shard.unshared[hash_(wanted.key)] = now + kUnshared;
    }
  }
  for (const Wake& wake : waiting) wake(landing);
}

}  // namespace ropewalk::http_cache
