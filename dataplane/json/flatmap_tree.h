// A document as nodes that flatmap takes apart. A node holds its value whole until a path enters
// it; then it has children, and its value is what remains when the last of them is gone: null, or
// the scalar or empty container that it was. One run, one thread; nodes live as long as the tree.
#pragma once

#include "common/json/value.h"
#include "common/keyed_table.h"
#include "dataplane/json/flatmap.h"

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::json {

class FlatmapTree {
 public:
  explicit FlatmapTree(Value root);

  // A path as long as the source renames; a longer one puts the value below its own parent, a
  // shorter one lifts it to where the target says.
  void move(const Path& source, const Path& target);
  void erase(const Path& path) { erase_in(*root_, path); }
  // Puts the elements of one list behind those of another and removes the source.
  void append(const Path& source, const Path& target);
  // Empties the tree.
  Value take() { return take_whole(*root_); }

 private:
  struct Node;
  struct Child {
    std::string label;  // key, or number of the element
    Node* node;
  };
  struct Node {
    Value value;
    std::vector<Child> children;
    // Label -> first position, for nodes with many children; empty: not known.
    KeyedMap<std::size_t> index;
    bool opened = false;
    bool list = false;
  };
  // A child on its way: where it came from, with the labels from the root to its parent.
  struct Moved {
    Node* parent;
    Path labels;
    Child child;
  };
  using Place = std::pair<Node*, Path>;

  Node* make(Value value) { return &nodes_.emplace_back(std::move(value)); }
  void open(Node& node);
  Child* find(Node& node, const std::string& label);  // opens the node
  static void remove(Node& parent, Child* child);
  // In a list behind the others, in an object in place of what has the same label.
  void attach(Node& parent, Child child);
  static void rename(Node& parent, Child* child, const std::string& label);
  // The last segment of the target is the label that a child gets.
  void lift(std::vector<Moved> moved, const Path& target);
  void embed(std::vector<Moved> moved, std::span<const std::string> target);
  void erase_in(Node& node, std::span<const std::string> path);
  std::vector<Place> match(std::span<const std::string> path);
  // What the path means: with stars a list of all matches; null where there is none.
  Value copy(Node& node, std::span<const std::string> path);
  static Value copy_whole(const Node& node);
  static Value take_whole(Node& node);
  // The node at this very path, "*" being a label; made where it is missing.
  Node& reach(const Path& path);

  std::deque<Node> nodes_;
  Node* root_;
};

}  // namespace ropewalk::json
