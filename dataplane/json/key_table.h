// Finds equal keys among members: a hash table over indexes, reused without allocation. The hash is
// seeded per process, because backends choose the keys.
#pragma once

#include "dataplane/json/projection.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ropewalk::json {

std::uint64_t hash_key(std::string_view key);

class KeyTable {
 public:
  // Empties the table and makes room for `keys` keys.
  void reset(std::size_t keys);

  // The index under which `members[i].key == members[index].key` was added before; else adds
  // `index` and returns it.
  std::uint32_t add(const Member* members, std::uint32_t index) {
    const std::string_view key = members[index].key;
    const std::uint64_t hash = hash_key(key);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      Slot& slot = slots_[at];
      if (slot.next_index == 0) {
        slot = {tag, index + 1};
        return index;
      }
      if (slot.tag == tag && members[slot.next_index - 1].key == key) return slot.next_index - 1;
    }
  }

  void shrink();

 private:
  struct Slot {
    std::uint32_t tag;
    std::uint32_t next_index;  // index + 1; 0: free
  };
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

// Leaves of `members` from `first` on one per key: the first place, the last value. A value without
// data (nullptr) takes its key out. True: nothing was to do.
bool resolve_duplicates(std::vector<Member>& members, std::size_t first, KeyTable& table);

}  // namespace ropewalk::json
