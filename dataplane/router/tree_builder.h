// Collects the routes of one method and lays them out as a Tree. Used while a configuration is
// compiled, by one thread.
#pragma once

#include "dataplane/router/path.h"
#include "dataplane/router/tree.h"

#include <memory>
#include <string>
#include <vector>

namespace ropewalk::router {

class TreeBuilder {
 public:
  enum class Rank : std::uint8_t { any_method, own_method };

  TreeBuilder();
  TreeBuilder(TreeBuilder&&) noexcept;
  ~TreeBuilder();

  // Why `pattern` cannot be added: a duplicate, or another parameter name in the same place; ""
  // when it can. Of two ranks on one path there is no duplicate.
  std::string conflict(const Pattern& pattern, Rank rank) const;
  // `pattern` must not conflict. On one path the higher rank stays.
  void add(const Pattern& pattern, std::uint32_t id, Rank rank);
  Tree build() const;

 private:
  struct Node;
  static Node& static_child(Node& parent, std::string_view text);

  std::unique_ptr<Node> root_;  // without text; its only child is the tree's root
};

}  // namespace ropewalk::router
