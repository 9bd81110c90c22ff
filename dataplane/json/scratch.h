// Working memory of projections and merges. One worker, one request at a time.
#pragma once

#include "dataplane/json/key_table.h"
#include "dataplane/json/projection.h"
#include "dataplane/json/structure.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace ropewalk::json {

// Bump allocator: addresses stay until `clear`, which keeps one block of usual size.
class Arena {
 public:
  char* allocate(std::size_t size, std::size_t alignment = 1);
  std::string_view copy(std::string_view text);
  void clear();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t used_ = 0;  // of the last block
};

// An object that a filter has entered and that waits for its inner object.
struct Frame {
  std::uint32_t node;    // in the filter tree
  std::size_t first;     // its members in `Scratch::members`
  std::string_view key;  // the member whose value is being read
  std::string_view quoted;
};

class Scratch {
 public:
  Arena arena;
  Structure structure;
  KeyTable table;
  std::vector<Frame> frames;
  std::vector<char> levels;              // open brackets
  std::vector<std::uint32_t> positions;  // where the renamed members stood

  // The list that the next part is built in. Lists handed out by `publish` stay as they are.
  std::vector<Member>& list();

  // Makes the list a part's members: no two with the same key. Remembers whether parts share keys.
  // `unique`: known to have none. False: duplicates were resolved.
  bool publish(bool unique);
  std::span<const Member> published() const { return lists_[used_ - 1]; }

  // Whether these parts are different published lists and no key is in two of those.
  bool disjoint(std::span<const Partial> parts) const;

  void clear();

 private:
  bool register_keys(const std::vector<Member>& members);

  std::vector<std::vector<Member>> lists_;  // the first `used_` are published
  std::vector<std::uint32_t> starts_;       // the position in `keys_` of the first key of a list
  std::size_t used_ = 0;
  KeyTable keys_;  // of all published lists, while they share none
  bool shared_ = false;
};

}  // namespace ropewalk::json
