// Finds equal keys: a hash table over positions, reused without allocation and without clearing.
// The hash is seeded per process, because backends choose the keys.
#pragma once

#include "dataplane/json/projection.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace ropewalk::json {

class KeyTable {
 public:
  KeyTable();

  // Forgets all keys; the next one gets position 0.
  void start();
  // Makes room for so many more.
  void expect(std::size_t keys);
  std::uint32_t size() const { return next_ - base_; }

  // Gives `key` the next position; room for it was made. Returns the position of the first equal
  // key, or its own. `key_at(position)` is the key of an earlier position.
  template <class KeyAt>
  std::uint32_t add(std::string_view key, KeyAt&& key_at) {
    const std::uint32_t hash = hash_of(key);
    const std::uint32_t mine = next_++;
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      Slot& slot = slots_[at];
      if (slot.position < base_) {  // free, or of an earlier use
        slot = {hash, mine};
        return mine - base_;
      }
      if (slot.hash == hash && key_at(slot.position - base_) == key) return slot.position - base_;
    }
  }

  // Gives memory of unusual size back. Forgets all keys.
  void shrink();

 private:
  struct Slot {
    std::uint32_t hash;
    std::uint32_t position;
  };

  static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  template <class Word>
  static std::uint64_t load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
  std::uint32_t hash_of(std::string_view key) const {
    const char* at = key.data();
    std::size_t left = key.size();
    std::uint64_t state = seeds_[0] + left;
    while (left > 16) {
      state = mix(load<std::uint64_t>(at) ^ state, load<std::uint64_t>(at + 8) ^ seeds_[1]);
      at += 16;
      left -= 16;
    }
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (left >= 8) {
      low = load<std::uint64_t>(at);
      high = load<std::uint64_t>(at + left - 8);
    } else if (left >= 4) {
      low = load<std::uint32_t>(at);
      high = load<std::uint32_t>(at + left - 4);
    } else if (left > 0) {
      low = load<std::uint8_t>(at) | load<std::uint8_t>(at + left / 2) << 8 |
            load<std::uint8_t>(at + left - 1) << 16;
    }
    return static_cast<std::uint32_t>(mix(low ^ state, high ^ seeds_[1]) >> 16);
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t mask_ = 0;
  // Positions grow over all uses, so that a slot of an earlier use is recognised by its number.
  std::uint32_t base_ = 1;
  std::uint32_t next_ = 1;
  std::array<std::uint64_t, 2> seeds_;
};

// Leaves of `members` from `first` on one per key: the first place, the last value. A value without
// data (nullptr) takes its key out. True: nothing was to do.
bool resolve_duplicates(std::vector<Member>& members, std::size_t first, KeyTable& table);

}  // namespace ropewalk::json
