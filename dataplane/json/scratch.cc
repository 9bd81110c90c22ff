#include "dataplane/json/scratch.h"

#include <algorithm>
#include <cstring>

namespace ropewalk::json {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::size_t kKeptBytes = 256 * 1024;
constexpr std::size_t kKeptMembers = 4096;
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

std::span<const Member> Arena::copy(std::span<const Member> members) {
  if (members.empty()) return {};
  char* const bytes = allocate(members.size_bytes(), alignof(Member));
  std::memcpy(bytes, members.data(), members.size_bytes());
  return {reinterpret_cast<const Member*>(bytes), members.size()};
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

void clear(Scratch& scratch) {
  scratch.arena.clear();
  scratch.structure.shrink();
  scratch.table.shrink();
  shrink(scratch.members, kKeptMembers);
  shrink(scratch.frames, kKeptMembers);
  shrink(scratch.levels, kKeptLevels);
  shrink(scratch.positions, kKeptMembers);
}

}  // namespace ropewalk::json
