#include "dataplane/json/key_table.h"

#include <algorithm>
#include <bit>
#include <random>
#include <span>
#include <utility>

namespace ropewalk::json {
namespace {

constexpr std::size_t kSmallest = 64;
constexpr std::size_t kKept = 16 * 1024;
constexpr std::size_t kPairwise = 8;  // up to so many, comparing all pairs is cheaper
constexpr std::uint32_t kLastPosition = 1U << 31;

std::array<std::uint64_t, 2> random_seeds() {
  std::random_device device;
  auto word = [&] { return (static_cast<std::uint64_t>(device()) << 32 | device()) | 1; };
  return {word(), word()};
}

bool equal_keys_or_gaps(std::span<const Member> members) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].value.data() == nullptr) return true;
    for (std::size_t j = 0; j < i; ++j) {
      if (members[i].key == members[j].key) return true;
    }
  }
  return false;
}

}  // namespace

KeyTable::KeyTable() {
  static const std::array<std::uint64_t, 2> kSeeds = random_seeds();
  seeds_ = kSeeds;
}

void KeyTable::start() {
  base_ = next_;
  if (base_ < kLastPosition) return;
  std::fill(slots_.begin(), slots_.end(), Slot{});
  base_ = next_ = 1;
}

void KeyTable::expect(std::size_t keys) {
  const std::size_t wanted = 2 * (size() + keys);
  if (wanted <= slots_.size()) return;
  std::vector<Slot> grown(std::bit_ceil(std::max(2 * wanted, kSmallest)));
  mask_ = grown.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.position < base_) continue;
    std::size_t at = slot.hash & mask_;
    while (grown[at].position != 0) at = (at + 1) & mask_;
    grown[at] = slot;
  }
  slots_ = std::move(grown);
}

void KeyTable::shrink() {
  if (slots_.size() <= kKept) return;
  std::vector<Slot>().swap(slots_);
  mask_ = 0;
  base_ = next_ = 1;
}

bool resolve_duplicates(std::vector<Member>& members, std::size_t first, KeyTable& table) {
  const auto list = std::span(members).subspan(first);
  if (list.size() <= kPairwise && !equal_keys_or_gaps(list)) return true;
  table.start();
  table.expect(list.size());
  bool changed = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::uint32_t known =
        table.add(list[i].key, [&](std::uint32_t position) { return list[position].key; });
    if (known != i) list[known].value = std::exchange(list[i].value, {});
    changed |= list[i].value.data() == nullptr;
  }
  if (!changed) return true;
  auto gap = [](const Member& member) { return member.value.data() == nullptr; };
  members.erase(
      std::remove_if(members.begin() + static_cast<std::ptrdiff_t>(first), members.end(), gap),
      members.end());
  return false;
}

}  // namespace ropewalk::json
