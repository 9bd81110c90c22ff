#include "dataplane/router/tree_builder.h"

#include <algorithm>
#include <utility>

namespace ropewalk::router {
namespace {

struct Slot {
  std::uint32_t id = kNone;
  TreeBuilder::Rank rank = TreeBuilder::Rank::any_method;

  bool taken(TreeBuilder::Rank by) const { return id != kNone && rank == by; }
  void put(std::uint32_t new_id, TreeBuilder::Rank new_rank) {
    if (id != kNone && rank > new_rank) return;
    id = new_id;
    rank = new_rank;
  }
};

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(
      std::mismatch(a.begin(),
                    a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin())
          .first -
      a.begin());
}

}  // namespace

struct TreeBuilder::Node {
  std::string text;  // the name of a parameter
  std::vector<std::unique_ptr<Node>> children;
  std::unique_ptr<Node> parameter;
  Slot route;
  Slot tail;

  Node* child(char first) const {
    for (const auto& node : children)
      if (node->text.front() == first) return node.get();
    return nullptr;
  }

  void split(std::size_t at) {
    auto rest = std::make_unique<Node>();
    rest->text = text.substr(at);
    rest->children = std::move(children);
    rest->parameter = std::move(parameter);
    rest->route = std::exchange(route, Slot{});
    rest->tail = std::exchange(tail, Slot{});
    text.resize(at);
    children.clear();
    children.push_back(std::move(rest));
  }
};

TreeBuilder::TreeBuilder() : root_(std::make_unique<Node>()) {}
TreeBuilder::TreeBuilder(TreeBuilder&&) noexcept = default;
TreeBuilder::~TreeBuilder() = default;

TreeBuilder::Node& TreeBuilder::static_child(Node& parent, std::string_view text) {
  Node* node = parent.child(text.front());
  if (!node) {
    node = parent.children.emplace_back(std::make_unique<Node>()).get();
    node->text = text;
    return *node;
  }
  const std::size_t common = common_prefix(node->text, text);
  if (common < node->text.size()) node->split(common);
  return common == text.size() ? *node : static_child(*node, text.substr(common));
}

std::string TreeBuilder::conflict(const Pattern& pattern, Rank rank) const {
  const Node* node = root_.get();
  for (const Token& token : pattern.tokens) {
    if (token.parameter) {
      if (!node->parameter) return "";
      node = node->parameter.get();
      if (node->text != token.text)
        return "parameter '" + token.text + "' stands where another route has '" + node->text + "'";
      continue;
    }
    std::string_view text = token.text;
    while (!text.empty()) {
      node = node->child(text.front());
      if (!node || !text.starts_with(node->text)) return "";
      text.remove_prefix(node->text.size());
    }
  }
  return (pattern.wildcard ? node->tail : node->route).taken(rank) ? "duplicate route" : "";
}

void TreeBuilder::add(const Pattern& pattern, std::uint32_t id, Rank rank) {
  Node* node = root_.get();
  for (const Token& token : pattern.tokens) {
    if (!token.parameter) {
      node = &static_child(*node, token.text);
      continue;
    }
    if (!node->parameter) {
      node->parameter = std::make_unique<Node>();
      node->parameter->text = token.text;
    }
    node = node->parameter.get();
  }
  (pattern.wildcard ? node->tail : node->route).put(id, rank);
}

Tree TreeBuilder::build() const {
  Tree tree;
  if (root_->children.empty()) return tree;
  std::vector<const Node*> sources = {root_->children.front().get()};
  std::vector<bool> is_parameter = {false};
  tree.nodes_.emplace_back();
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Node& source = *sources[i];
    Tree::Node node;
    node.route = source.route.id;
    node.tail = source.tail.id;
    if (!is_parameter[i]) {
      node.text = static_cast<std::uint32_t>(tree.texts_.size());
      node.text_size = static_cast<std::uint32_t>(source.text.size());
      tree.texts_ += source.text;
    }
    node.first_bytes = static_cast<std::uint32_t>(tree.texts_.size());
    node.first_child = static_cast<std::uint32_t>(sources.size());
    node.children = static_cast<std::uint32_t>(source.children.size());
    for (const auto& child : source.children) {
      tree.texts_ += child->text.front();
      sources.push_back(child.get());
      is_parameter.push_back(false);
    }
    if (source.parameter) {
      node.parameter = static_cast<std::uint32_t>(sources.size());
      sources.push_back(source.parameter.get());
      is_parameter.push_back(true);
    }
    tree.nodes_.resize(sources.size());
    tree.nodes_[i] = node;
  }
  return tree;
}

}  // namespace ropewalk::router
