#include "dataplane/router/tree.h"

#include "common/strings.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstring>

namespace ropewalk::router {
namespace {

// A place to come back to: a parameter not tried because a static child looked right, or a tail.
struct Fork {
  std::string_view path;  // behind the node's text
  std::uint32_t node;
  std::uint32_t parameters;
  bool tail;
};

using Forks = boost::container::small_vector<Fork, 16>;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::uint32_t Tree::child(const Node& node, char first) const {
  const char* bytes = texts_.data() + node.first_bytes;
  const void* found = std::memchr(bytes, first, node.children);
  if (!found) return kNone;
  return node.first_child + static_cast<std::uint32_t>(static_cast<const char*>(found) - bytes);
}

Tree::Value Tree::find(std::string_view path, std::string_view* parameters) const {
  Value value;
  if (nodes_.empty()) return value;
  Forks forks;
  std::uint32_t at = 0;
  bool skip_children = false;  // back at a fork: the static children were tried

  const auto take_tail = [&](const Fork& fork) {
    parameters[fork.parameters] = fork.path;
    value.parameters = fork.parameters + 1;
    value.id = nodes_[fork.node].tail;
    return value;
  };
  // Where gin gives up for good, a tail on the way still matches.
  const auto give_up = [&](bool slash) {
    for (auto fork = forks.rbegin(); fork != forks.rend(); ++fork)
      if (fork->tail) return take_tail(*fork);
    value.slash = slash;
    return value;
  };

  while (true) {
    const Node& node = nodes_[at];
    const std::string_view prefix = text(node);
    bool back = false;
    if (skip_children || (path.size() > prefix.size() && path.starts_with(prefix))) {
      if (!skip_children) {
        path.remove_prefix(prefix.size());
        const auto count = static_cast<std::uint32_t>(value.parameters);
        if (node.tail != kNone) forks.push_back({path, at, count, true});
        if (const std::uint32_t next = child(node, path.front()); next != kNone) {
          if (node.parameter != kNone) forks.push_back({path, at, count, false});
          at = next;
          continue;
        }
      }
      skip_children = false;
      if (node.parameter != kNone) {
        const std::size_t end = std::min(path.find('/'), path.size());
        parameters[value.parameters++] = path.substr(0, end);
        const Node& behind = nodes_[node.parameter];
        if (end < path.size()) {
          if (behind.children == 0) return give_up(path.size() == end + 1);
          path.remove_prefix(end);
          at = behind.first_child;
          continue;
        }
        value.id = behind.route;
        if (value.id != kNone) return value;
        if (behind.children == 0) return give_up(false);
        const Node& next = nodes_[behind.first_child];
        return give_up(next.text_size == 1 && next.leaf());
      }
      if (path == "/") return give_up(node.route != kNone);
      back = true;
    } else if (path == prefix) {
      value.id = node.route;
      if (value.id != kNone) return value;
      if (node.tail != kNone)
        return take_tail(
            {path.substr(path.size()), at, static_cast<std::uint32_t>(value.parameters), true});
      if (path == "/" || forks.empty()) {
        if (path == "/" && at != 0) return give_up(true);
        const std::uint32_t slash = child(node, '/');
        return give_up(slash != kNone && nodes_[slash].text_size == 1 && nodes_[slash].leaf());
      }
      back = true;
    } else {
      const bool slash = path == "/" || (prefix.size() == path.size() + 1 && prefix.back() == '/' &&
                                         prefix.starts_with(path) && node.leaf());
      if (slash || path == "/") return give_up(slash);
      back = true;
    }
    if (back) {
      if (forks.empty()) return value;
      const Fork fork = forks.back();
      forks.pop_back();
      if (fork.tail) return take_tail(fork);
      path = fork.path;
      at = fork.node;
      value.parameters = fork.parameters;
      skip_children = true;
    }
  }
}

std::string Tree::find_ignoring_case(std::string_view path) const {
  std::string out;
  if (nodes_.empty() || !search(0, path, out)) return "";
  return out;
}

bool Tree::search(std::uint32_t at, std::string_view path, std::string& out) const {
  const Node& node = nodes_[at];
  const std::string_view prefix = text(node);
  if (path.size() < prefix.size() ||
      !iequals(path.substr(1, prefix.size() - 1), prefix.substr(1))) {
    if (path == "/") return true;
    if (path.size() + 1 != prefix.size() || prefix.back() != '/' || !node.leaf() ||
        !iequals(path.substr(1), prefix.substr(1, path.size() - 1)))
      return false;
    out += prefix;
    return true;
  }
  path.remove_prefix(prefix.size());
  out += prefix;
  if (!path.empty()) return search_children(node, path, out);
  if (node.leaf()) return true;
  const std::uint32_t slash = child(node, '/');
  if (slash == kNone || nodes_[slash].text_size != 1 || !nodes_[slash].leaf()) return false;
  out += '/';
  return true;
}

bool Tree::search_children(const Node& node, std::string_view path, std::string& out) const {
  const std::size_t size = out.size();
  const char first = lower(path.front());
  for (const char c : {first, upper(first)}) {
    const std::uint32_t next = child(node, c);
    if (next != kNone && search(next, path, out)) return true;
    out.resize(size);
    if (upper(first) == first) break;
  }
  if (node.parameter != kNone) {
    if (search_parameter(nodes_[node.parameter], path, out)) return true;
    out.resize(size);
  }
  if (node.tail != kNone) {
    out += path;
    return true;
  }
  return node.parameter == kNone && path == "/" && node.route != kNone;
}

bool Tree::search_parameter(const Node& parameter, std::string_view path, std::string& out) const {
  const std::size_t end = std::min(path.find('/'), path.size());
  out += path.substr(0, end);
  if (end < path.size()) {
    if (parameter.children > 0) return search(parameter.first_child, path.substr(end), out);
    return path.size() == end + 1;
  }
  if (parameter.route != kNone) return true;
  if (parameter.children == 0) return false;
  const Node& next = nodes_[parameter.first_child];
  if (next.text_size != 1 || !next.leaf()) return false;
  out += '/';
  return true;
}

}  // namespace ropewalk::router
