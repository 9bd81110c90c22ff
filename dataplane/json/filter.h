// What the rules of one backend compile to. Immutable.
#pragma once

#include "dataplane/json/projection.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::json {

// The dot paths of an allow or deny list as a tree of keys. Nodes are numbers; 0 is the root.
class FilterTree {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  FilterTree() : nodes_(1) {}

  // KrakenD's rule for allow: the entry declared later decides between a path and its prefix.
  void add_allowed(std::string_view path);
  // KrakenD's rule for deny: the shorter of a path and its prefix decides.
  void add_denied(std::string_view path);

  std::uint32_t find(std::uint32_t node, std::string_view key) const;
  // The path ends here: the whole value is meant.
  bool leaf(std::uint32_t node) const { return nodes_[node].leaf; }

 private:
  struct Child {
    std::string key;
    std::uint32_t node;
  };
  struct Node {
    bool leaf = false;
    std::vector<Child> children;  // by length, then bytes
  };
  std::uint32_t child(std::uint32_t node, std::string_view key);

  std::vector<Node> nodes_;
};

// One entry of `mapping`.
struct Rename {
  std::string from;
  std::string to;
  std::string quoted;  // `to` as JSON text
};

enum class FilterKind : std::uint8_t { none, allow, deny };

struct Plan {
  explicit Plan(const Rules& rules);

  std::vector<std::string> target;  // empty: none
  FilterKind filter = FilterKind::none;
  FilterTree tree;
  std::vector<Rename> renames;  // by `from`, which is unique
  std::string group;            // "": none
  std::string quoted_group;
  bool is_collection = false;
};

}  // namespace ropewalk::json
