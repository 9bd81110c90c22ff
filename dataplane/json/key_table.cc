#include "dataplane/json/key_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <random>

namespace ropewalk::json {
namespace {

constexpr std::size_t kPairwise = 8;  // below, comparing all pairs is cheaper than a table
constexpr std::size_t kKept = 8192;

std::array<std::uint64_t, 2> random_seeds() {
  std::random_device device;
  auto word = [&] { return (static_cast<std::uint64_t>(device()) << 32 | device()) | 1; };
  return {word(), word()};
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
std::uint64_t load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool equal_keys_or_gaps(const std::vector<Member>& members, std::size_t first) {
  for (std::size_t i = first; i < members.size(); ++i) {
    if (members[i].value.data() == nullptr) return true;
    for (std::size_t j = first; j < i; ++j) {
      if (members[i].key == members[j].key) return true;
    }
  }
  return false;
}

}  // namespace

std::uint64_t hash_key(std::string_view key) {
  static const std::array<std::uint64_t, 2> kSeeds = random_seeds();
  const char* at = key.data();
  std::size_t left = key.size();
  std::uint64_t state = kSeeds[0] + left;
  while (left > 16) {
    state = mix(load<std::uint64_t>(at) ^ state, load<std::uint64_t>(at + 8) ^ kSeeds[1]);
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
  return mix(mix(low ^ state, high ^ kSeeds[1]), kSeeds[0]);
}

void KeyTable::reset(std::size_t keys) {
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(keys * 2, 16));
  slots_.assign(size, {});
  mask_ = size - 1;
}

void KeyTable::shrink() {
  if (slots_.capacity() > kKept) std::vector<Slot>().swap(slots_);
}

bool resolve_duplicates(std::vector<Member>& members, std::size_t first, KeyTable& table) {
  const std::size_t count = members.size() - first;
  if (count <= kPairwise && !equal_keys_or_gaps(members, first)) return true;
  Member* const base = members.data() + first;
  table.reset(count);
  bool changed = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t known = table.add(base, i);
    changed |= base[i].value.data() == nullptr;
    if (known == i) continue;
    base[known].value = base[i].value;
    base[i].value = {};
    changed = true;
  }
  if (!changed) return true;
  members.erase(std::remove_if(members.begin() + static_cast<std::ptrdiff_t>(first), members.end(),
                               [](const Member& m) { return m.value.data() == nullptr; }),
                members.end());
  return false;
}

}  // namespace ropewalk::json
