#include "dataplane/json/filter.h"

#include "common/strings.h"

#include <algorithm>

namespace ropewalk::json {
namespace {

constexpr std::size_t kLinear = 8;  // up to so many children a search one by one is cheaper

bool before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

std::uint32_t FilterTree::find(std::uint32_t node, std::string_view key) const {
  const std::vector<Child>& children = nodes_[node].children;
  if (children.size() <= kLinear) {
    for (const Child& child : children) {
      if (child.key == key) return child.node;
    }
    return kNone;
  }
  auto found = std::lower_bound(
      children.begin(), children.end(), key,
      [](const Child& child, std::string_view wanted) { return before(child.key, wanted); });
  return found != children.end() && found->key == key ? found->node : kNone;
}

std::uint32_t FilterTree::child(std::uint32_t node, std::string_view key) {
  if (const std::uint32_t known = find(node, key); known != kNone) return known;
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  std::vector<Child>& children = nodes_[node].children;
  auto place = std::find_if(children.begin(), children.end(),
                            [&](const Child& child) { return before(key, child.key); });
  children.insert(place, {std::string(key), added});
  return added;
}

void FilterTree::add_allowed(std::string_view path) {
  std::uint32_t node = 0;
  for (std::string_view key : split(path, '.')) {
    nodes_[node].leaf = false;
    node = child(node, key);
  }
  nodes_[node] = {.leaf = true};
}

void FilterTree::add_denied(std::string_view path) {
  std::uint32_t node = 0;
  for (std::string_view key : split(path, '.')) {
    if (nodes_[node].leaf) return;
    node = child(node, key);
  }
  nodes_[node] = {.leaf = true};
}

Plan::Plan(const Rules& rules) : group(rules.group), is_collection(rules.is_collection) {
  if (!rules.target.empty()) {
    for (std::string_view key : split(rules.target, '.')) target.emplace_back(key);
  }
  if (!rules.allow.empty()) {
    filter = FilterKind::allow;
    for (const std::string& path : rules.allow) tree.add_allowed(path);
  } else if (!rules.deny.empty()) {
    filter = FilterKind::deny;
    for (const std::string& path : rules.deny) tree.add_denied(path);
  }
  for (const auto& [from, to] : rules.mapping) {
    Rename rename{from, to.substr(0, to.find('.')), {}};
    append_string(rename.quoted, rename.to);
    auto place = std::lower_bound(
        renames.begin(), renames.end(), from,
        [](const Rename& known, const std::string& name) { return known.from < name; });
    if (place != renames.end() && place->from == from) {
      *place = std::move(rename);
    } else {
      renames.insert(place, std::move(rename));
    }
  }
  if (!group.empty()) append_string(quoted_group, group);
}

}  // namespace ropewalk::json
