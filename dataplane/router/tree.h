// A radix tree over the paths of one method: built once, then flat vectors that any thread
// searches. The walk is gin's, step by step, because what it does not find is part of KrakenD's
// behaviour.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::router {

inline constexpr std::uint32_t kNone = UINT32_MAX;

class Tree {
 public:
  struct Value {
    std::uint32_t id = kNone;  // of the route found
    bool slash = false;        // not found, but gin recommends the path with a slash more or less
    std::size_t parameters = 0;
  };

  bool empty() const { return nodes_.empty(); }
  // `path` decoded; `parameters` holds at least kMaxParameters views, filled with pieces of `path`.
  Value find(std::string_view path, std::string_view* parameters) const;
  // A clean decoded path, found without regard to case (ASCII) and with a slash more or less: the
  // path as the routes spell it, or "".
  std::string find_ignoring_case(std::string_view path) const;

 private:
  friend class TreeBuilder;

  struct Node {
    std::uint32_t text = 0;  // in texts_
    std::uint32_t text_size = 0;
    std::uint32_t first_bytes = 0;  // of the static children, in texts_
    std::uint32_t first_child = 0;  // static children lie side by side
    std::uint32_t children = 0;
    std::uint32_t parameter = kNone;  // the node behind a parameter that begins here
    std::uint32_t route = kNone;      // ends here
    std::uint32_t tail = kNone;       // wildcard route: anything follows
    bool leaf() const { return route != kNone || tail != kNone; }
  };

  std::string_view text(const Node& node) const {
    return {texts_.data() + node.text, node.text_size};
  }
  std::uint32_t child(const Node& node, char first) const;
  bool search(std::uint32_t at, std::string_view path, std::string& out) const;
  bool search_children(const Node& node, std::string_view path, std::string& out) const;
  bool search_parameter(const Node& parameter, std::string_view path, std::string& out) const;

  std::vector<Node> nodes_;  // the root is the first
  std::string texts_;
};

}  // namespace ropewalk::router
