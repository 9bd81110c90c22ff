// One bucket for each client of a limit, bounded in number and memory.
//
// A bucket is 16 bytes in an open-addressed table: the keyed hash of the client's key and the
// moment at which it is full again. A full bucket equals an absent one, so that idle clients are
// forgotten without any loss and without a sweeper: a table that runs out of room drops them
// first, and grows only for those that count. Where even that is not enough, the newcomer takes
// the place of the neighbour that is nearest to full. Any thread; a short mutex per shard.
#pragma once

#include "common/siphash.h"
#include "dataplane/filters/ratelimit/bucket.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace ropewalk::ratelimit {

// Slots that all limits of a process together may still take. Any thread.
class SlotBudget {
 public:
  static constexpr std::int64_t kSlots = std::int64_t{8} << 20U;  // 128 MiB

  explicit SlotBudget(std::int64_t slots = kSlots) : left_(slots) {}
  bool take(std::int64_t slots) {
    if (left_.fetch_sub(slots, std::memory_order_relaxed) >= slots) return true;
    left_.fetch_add(slots, std::memory_order_relaxed);
    return false;
  }
  void give(std::int64_t slots) { left_.fetch_add(slots, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> left_;
};

class ClientBuckets {
 public:
  static constexpr std::size_t kMostClients = 1'000'000;

  ClientBuckets(SipKey key, std::shared_ptr<SlotBudget> budget,
                std::size_t most_clients = kMostClients);
  ClientBuckets(const ClientBuckets&) = delete;
  ClientBuckets& operator=(const ClientBuckets&) = delete;
  ~ClientBuckets();

  Verdict take(const Rate& rate, std::string_view client, Nanoseconds now);

  std::size_t size() const;          // buckets held, full ones among them
  std::size_t memory_bytes() const;  // of the tables

 private:
  struct Slot {
    std::uint64_t client = 0;  // 0: nobody
    Nanoseconds full_at = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::vector<Slot> slots;  // a power of two of them
    std::size_t used = 0;
    std::size_t evictions = 0;  // since the last look for full buckets
  };
  static constexpr std::size_t kShards = 16;

  Slot& claim(Shard& shard, std::uint64_t client, Nanoseconds now);
  void make_room(Shard& shard, Nanoseconds now);
  static Slot* find(Shard& shard, std::uint64_t client);
  static void evict(Shard& shard, std::uint64_t newcomer);
  static void erase(Shard& shard, std::size_t hole);
  static void rebuild(Shard& shard, std::size_t slots, Nanoseconds now);

  const SipKey key_;
  const std::shared_ptr<SlotBudget> budget_;
  const std::size_t most_slots_;  // of a shard
  std::array<Shard, kShards> shards_;
};

}  // namespace ropewalk::ratelimit
