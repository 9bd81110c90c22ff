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
  std::span<const Member> copy(std::span<const Member> members);
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
  std::vector<Member> members;
  std::vector<Frame> frames;
  std::vector<char> levels;              // open brackets
  std::vector<std::uint32_t> positions;  // where the renamed members stood
};

}  // namespace ropewalk::json
