#include "dataplane/json/flatmap_tree.h"

#include <algorithm>

namespace ropewalk::json {
namespace {

constexpr std::string_view kStar = "*";
constexpr std::size_t kIndexed = 16;  // children from which an index pays

}  // namespace

FlatmapTree::FlatmapTree(Value root) : root_(make(std::move(root))) {}

void FlatmapTree::open(Node& node) {
  if (node.opened) return;
  node.opened = true;
  node.list = node.value.is_list();
  if (node.list) {
    Value::List& elements = node.value.elements();
    if (elements.empty()) return;
    node.children.reserve(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i)
      node.children.push_back({std::to_string(i), make(std::move(elements[i]))});
  } else if (node.value.is_object()) {
    Value::Object& members = node.value.members();
    if (members.empty()) return;
    node.children.reserve(members.size());
    for (Value::Member& member : members)
      node.children.push_back({std::move(member.key), make(std::move(member.value))});
  } else {
    return;
  }
  node.value = nullptr;
}

FlatmapTree::Child* FlatmapTree::find(Node& node, const std::string& label) {
  open(node);
  std::vector<Child>& children = node.children;
  if (children.size() < kIndexed) {
    const auto at = std::ranges::find(children, label, &Child::label);
    return at == children.end() ? nullptr : &*at;
  }
  if (node.index.empty())
    for (std::size_t i = 0; i < children.size(); ++i) node.index.try_emplace(children[i].label, i);
  const auto at = node.index.find(label);
  return at == node.index.end() ? nullptr : &children[at->second];
}

void FlatmapTree::remove(Node& parent, Child* child) {
  parent.children.erase(parent.children.begin() + (child - parent.children.data()));
  parent.index.clear();
}

void FlatmapTree::attach(Node& parent, Child child) {
  Child* const taken = find(parent, child.label);
  if (taken && !parent.list) {
    taken->node = child.node;
    return;
  }
  if (!parent.index.empty()) parent.index.try_emplace(child.label, parent.children.size());
  parent.children.push_back(std::move(child));
}

void FlatmapTree::rename(Node& parent, Child* child, const std::string& label) {
  if (child->label == label) return;
  child->label = label;
  parent.index.clear();
  if (parent.list) return;
  const Node* const node = child->node;
  std::erase_if(parent.children,
                [&](const Child& other) { return other.label == label && other.node != node; });
}

std::vector<FlatmapTree::Place> FlatmapTree::match(std::span<const std::string> path) {
  std::vector<Place> places{{root_, {}}};
  for (const std::string& step : path) {
    std::vector<Place> next;
    for (auto& [node, labels] : places) {
      if (step == kStar) {
        open(*node);
        for (const Child& child : node->children) {
          next.emplace_back(child.node, labels).second.push_back(child.label);
        }
      } else if (const Child* child = find(*node, step)) {
        labels.push_back(child->label);
        next.emplace_back(child->node, std::move(labels));
      }
    }
    places = std::move(next);
  }
  return places;
}

void FlatmapTree::move(const Path& source, const Path& target) {
  std::vector<Moved> moved;
  for (auto& [parent, labels] : match(std::span(source).first(source.size() - 1))) {
    Child* const child = find(*parent, source.back());
    if (!child) continue;
    if (source.size() == target.size()) {
      rename(*parent, child, target.back());
      continue;
    }
    moved.push_back({parent, std::move(labels), std::move(*child)});
    remove(*parent, child);
  }
  if (source.size() > target.size()) {
    lift(std::move(moved), target);
  } else {
    embed(std::move(moved), std::span(target).subspan(source.size() - 1));
  }
}

void FlatmapTree::lift(std::vector<Moved> moved, const Path& target) {
  for (Moved& one : moved) {
    Node* parent = root_;
    for (std::size_t i = 0; i + 1 < target.size(); ++i) {
      // A missing parent ends the way: the value lands on the last one found.
      const Child* next = find(*parent, target[i] == kStar ? one.labels[i] : target[i]);
      if (!next) break;
      parent = next->node;
    }
    one.child.label = target.back();
    attach(*parent, std::move(one.child));
  }
}

void FlatmapTree::embed(std::vector<Moved> moved, std::span<const std::string> target) {
  for (Moved& one : moved) {
    Node* parent = one.parent;
    for (const std::string& label : target.first(target.size() - 1)) {
      const Child* next = find(*parent, label);
      Node* const node = next ? next->node : make(nullptr);
      if (!next) attach(*parent, {label, node});
      parent = node;
    }
    one.child.label = target.back();
    attach(*parent, std::move(one.child));
  }
}

void FlatmapTree::erase_in(Node& node, std::span<const std::string> path) {
  open(node);
  const std::span<const std::string> rest = path.subspan(1);
  if (path.front() == kStar) {
    if (rest.empty()) {
      node.children.clear();
      node.index.clear();
    } else {
      for (const Child& child : node.children) erase_in(*child.node, rest);
    }
    return;
  }
  Child* const child = find(node, path.front());
  if (!child) return;
  if (rest.empty())
    remove(node, child);
  else
    erase_in(*child->node, rest);
}

void FlatmapTree::append(const Path& source, const Path& target) {
  Value more = copy(*root_, source);
  if (!more.is_list()) return;
  Value list = copy(*root_, target);
  if (!list.is_list()) return;
  std::ranges::move(more.elements(), std::back_inserter(list.elements()));
  reach(target) = Node{std::move(list)};
  erase_in(*root_, source);
}

FlatmapTree::Node& FlatmapTree::reach(const Path& path) {
  Node* node = root_;
  for (const std::string& label : path) {
    const Child* next = find(*node, label);
    Node* const below = next ? next->node : make(nullptr);
    if (!next) attach(*node, {label, below});
    node = below;
  }
  return *node;
}

Value FlatmapTree::copy(Node& node, std::span<const std::string> path) {
  if (path.empty()) return copy_whole(node);
  open(node);
  if (path.front() == kStar) {
    if (node.children.empty()) return nullptr;
    Value::List matches;
    matches.reserve(node.children.size());
    for (const Child& child : node.children) matches.push_back(copy(*child.node, path.subspan(1)));
    return matches;
  }
  const Child* const child = find(node, path.front());
  return child ? copy(*child->node, path.subspan(1)) : Value();
}

Value FlatmapTree::copy_whole(const Node& node) {
  if (node.children.empty()) return node.value;
  if (node.list) {
    Value::List elements;
    elements.reserve(node.children.size());
    for (const Child& child : node.children) elements.push_back(copy_whole(*child.node));
    return elements;
  }
  Value::Object members;
  members.reserve(node.children.size());
  for (const Child& child : node.children)
    members.push_back({child.label, copy_whole(*child.node)});
  return members;
}

Value FlatmapTree::take_whole(Node& node) {
  if (node.children.empty()) return std::move(node.value);
  if (node.list) {
    Value::List elements;
    elements.reserve(node.children.size());
    for (const Child& child : node.children) elements.push_back(take_whole(*child.node));
    return elements;
  }
  Value::Object members;
  members.reserve(node.children.size());
  for (Child& child : node.children)
    members.push_back({std::move(child.label), take_whole(*child.node)});
  return members;
}

}  // namespace ropewalk::json
