#include "dataplane/filters/ratelimit/client_buckets.h"

#include <algorithm>
#include <bit>

namespace ropewalk::ratelimit {
namespace {

constexpr std::size_t kLeastSlots = 16;

// Three quarters full at most: longer runs of linear probing cost more than the memory saved.
constexpr std::size_t most_used(std::size_t slots) { return slots / 4 * 3; }

std::size_t slots_for(std::size_t clients) {
  return std::max(kLeastSlots, std::bit_ceil(clients + clients / 3 + 1));
}

}  // namespace

ClientBuckets::ClientBuckets(SipKey key, std::shared_ptr<SlotBudget> budget,
                             std::size_t most_clients)
    : key_(key), budget_(std::move(budget)), most_slots_(slots_for(most_clients / kShards)) {}

ClientBuckets::~ClientBuckets() {
  for (const Shard& shard : shards_) budget_->give(static_cast<std::int64_t>(shard.slots.size()));
}

Verdict ClientBuckets::take(const Rate& rate, std::string_view client, Nanoseconds now) {
  const std::uint64_t hash = std::max<std::uint64_t>(1, siphash(key_, client));
  Shard& shard = shards_[hash >> 60U];  // the low bits choose the slot
  const std::lock_guard lock(shard.mutex);
  Slot* slot = find(shard, hash);
  if (!slot || slot->client != hash) slot = &claim(shard, hash, now);
  return spend(rate, slot->full_at, now);
}

// The slot of the client, else the empty one where it would stand; null without a table.
ClientBuckets::Slot* ClientBuckets::find(Shard& shard, std::uint64_t client) {
  if (shard.slots.empty()) return nullptr;
  const std::size_t mask = shard.slots.size() - 1;
  std::size_t at = client & mask;
  while (shard.slots[at].client != client && shard.slots[at].client != 0) at = (at + 1) & mask;
  return &shard.slots[at];
}

ClientBuckets::Slot& ClientBuckets::claim(Shard& shard, std::uint64_t client, Nanoseconds now) {
  if (shard.used + 1 > most_used(shard.slots.size())) make_room(shard, now);
  if (shard.used + 1 > most_used(shard.slots.size())) evict(shard, client);
  Slot& slot = *find(shard, client);
  slot = {client, 0};
  ++shard.used;
  return slot;
}

// Drops full buckets, and grows or shrinks to twice what is left.
void ClientBuckets::make_room(Shard& shard, Nanoseconds now) {
  const std::size_t before = shard.slots.size();
  // The scan is paid for by as many evictions as it may bring in room.
  if (before == most_slots_ && shard.evictions > 0 && shard.evictions < before / 8) return;
  shard.evictions = 0;
  const auto live = static_cast<std::size_t>(std::ranges::count_if(
      shard.slots, [now](const Slot& slot) { return slot.client != 0 && slot.full_at > now; }));
  std::size_t wanted = std::min(std::bit_ceil(std::max(kLeastSlots, (live + 1) * 2)), most_slots_);
  const auto more = static_cast<std::int64_t>(wanted) - static_cast<std::int64_t>(before);
  if (before == 0)
    budget_->give(-more);  // the first few come whatever others hold
  else if (more > 0 && !budget_->take(more))
    wanted = before;
  if (wanted == before && live == shard.used) return;
  rebuild(shard, wanted, now);
  if (wanted < before) budget_->give(static_cast<std::int64_t>(before - wanted));
}

void ClientBuckets::rebuild(Shard& shard, std::size_t slots, Nanoseconds now) {
  std::vector<Slot> old(slots);
  old.swap(shard.slots);
  shard.used = 0;
  for (const Slot& slot : old) {
    if (slot.client == 0 || slot.full_at <= now) continue;
    *find(shard, slot.client) = slot;
    ++shard.used;
  }
}

// The one nearest to full among the next few behind the place of the newcomer.
void ClientBuckets::evict(Shard& shard, std::uint64_t newcomer) {
  constexpr int kNeighbours = 8;
  const std::size_t mask = shard.slots.size() - 1;
  std::size_t best = mask + 1;
  int seen = 0;
  for (std::size_t i = 0; i <= mask && seen < kNeighbours; ++i) {
    const std::size_t at = (newcomer + i) & mask;
    if (shard.slots[at].client == 0) continue;
    ++seen;
    if (best > mask || shard.slots[at].full_at < shard.slots[best].full_at) best = at;
  }
  erase(shard, best);
  ++shard.evictions;
}

// Moves those behind up, so that every search still ends at the first empty slot.
void ClientBuckets::erase(Shard& shard, std::size_t hole) {
  const std::size_t mask = shard.slots.size() - 1;
  for (std::size_t at = (hole + 1) & mask; shard.slots[at].client != 0; at = (at + 1) & mask) {
    const std::size_t home = shard.slots[at].client & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    shard.slots[hole] = shard.slots[at];
    hole = at;
  }
  shard.slots[hole] = {};
  --shard.used;
}

std::size_t ClientBuckets::size() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.used;
  }
  return sum;
}

std::size_t ClientBuckets::memory_bytes() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.slots.capacity() * sizeof(Slot);
  }
  return sum;
}

}  // namespace ropewalk::ratelimit
