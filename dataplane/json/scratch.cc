#include "dataplane/json/scratch.h"

#include <algorithm>
#include <cstring>

namespace ropewalk::json {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::size_t kKeptBytes = 256 * 1024;
constexpr std::size_t kKeptMembers = 2048;
constexpr std::size_t kKeptLevels = 16 * 1024;

template <class T>
void shrink(std::vector<T>& vector, std::size_t kept) {
  vector.clear();
  if (vector.capacity() > kept) std::vector<T>().swap(vector);
}

}  // namespace

char* Arena::allocate(std::size_t size, std::size_t alignment) {
  const std::size_t start = (used_ + alignment - 1) / alignment * alignment;
  if (!blocks_.empty() && start + size <= blocks_.back().size) {
    used_ = start + size;
    return blocks_.back().bytes.get() + start;
  }
  const std::size_t doubled = blocks_.empty() ? kBlock : 2 * blocks_.back().size;
  const std::size_t room = std::max(size, doubled);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(room), room});
  used_ = size;
  return blocks_.back().bytes.get();
}

std::string_view Arena::copy(std::string_view text) {
  char* const bytes = allocate(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Arena::clear() {
  if (!blocks_.empty()) {
    auto kept = std::find_if(blocks_.rbegin(), blocks_.rend(),
                             [](const Block& block) { return block.size <= kKeptBytes; });
    if (kept == blocks_.rend()) {
      blocks_.clear();
    } else {
      std::swap(blocks_.front(), *kept);
      blocks_.resize(1);
    }
  }
  used_ = 0;
}

std::unique_ptr<Scratch, void (*)(Scratch*)> make_scratch() {
  return {new Scratch, [](Scratch* scratch) { delete scratch; }};
}

std::vector<Member>& Scratch::list() {
  if (used_ == lists_.size()) lists_.emplace_back();
  return lists_[used_];
}

bool Scratch::publish(bool unique) {
  std::vector<Member>& members = lists_[used_];
  const bool registered = !shared_ && register_keys(members);
  shared_ |= !registered;
  const bool unchanged = registered || unique || resolve_duplicates(members, 0, table);
  ++used_;
  return unchanged;
}

// False: a key is there twice, in this list or in an earlier one.
bool Scratch::register_keys(const std::vector<Member>& members) {
  if (used_ == 0) keys_.start();
  keys_.expect(members.size());
  starts_.resize(used_);
  starts_.push_back(keys_.size());
  auto key_at = [&](std::uint32_t position) {
    std::size_t list = used_;
    while (starts_[list] > position) --list;
    return lists_[list][position - starts_[list]].key;
  };
  for (const Member& member : members) {
    const std::uint32_t mine = keys_.size();
    if (keys_.add(member.key, key_at) != mine) return false;
  }
  return true;
}

bool Scratch::disjoint(std::span<const Partial> parts) const {
  if (shared_) return false;
  const std::span lists(lists_.data(), used_);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Member* const members = parts[i].members.data();
    if (parts[i].members.empty()) continue;
    auto same_list = [&](const Partial& other) { return other.members.data() == members; };
    if (std::any_of(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i), same_list) ||
        std::none_of(lists.begin(), lists.end(),
                     [&](const std::vector<Member>& list) { return list.data() == members; })) {
      return false;
    }
  }
  return true;
}

void Scratch::clear() {
  arena.clear();
  structure.shrink();
  table.shrink();
  keys_.shrink();
  for (auto& list : lists_) shrink(list, kKeptMembers);
  shrink(frames, kKeptMembers);
  shrink(levels, kKeptLevels);
  shrink(positions, kKeptMembers);
  used_ = 0;
  shared_ = false;
}

void clear(Scratch& scratch) { scratch.clear(); }

}  // namespace ropewalk::json
