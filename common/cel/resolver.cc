#include "common/cel/resolver.h"

#include <algorithm>
#include <array>

namespace ropewalk::cel {
namespace {

constexpr std::array<std::string_view, 12> kTypes{"bool",
                                                  "int",
                                                  "uint",
                                                  "double",
                                                  "string",
                                                  "bytes",
                                                  "list",
                                                  "map",
                                                  "type",
                                                  "null_type",
                                                  "google.protobuf.Timestamp",
                                                  "google.protobuf.Duration"};

class Resolver {
 public:
  explicit Resolver(const Environment& environment) : environment_(environment) {}

  void visit(std::unique_ptr<Expr>& expr) {
    switch (expr->node) {
      case Node::name:
      case Node::select:
        name_or_field(expr);
        return;
      case Node::call:
        expr->function = find_function(expr->text, expr->receiver, expr->operands.size());
        expr->prepared = prepare(*expr);
        break;
      case Node::macro:
        macro(*expr);
        return;
      default:
        break;
    }
    for (auto& operand : expr->operands) visit(operand);
  }

  std::size_t most() const { return most_; }

 private:
  void macro(Expr& expr) {
    visit(expr.operands[0]);
    expr.local = static_cast<int>(locals_.size());
    for (const std::string& variable : expr.variables) locals_.push_back(variable);
    most_ = std::max(most_, locals_.size());
    for (std::size_t i = 1; i < expr.operands.size(); ++i) visit(expr.operands[i]);
    locals_.resize(locals_.size() - expr.variables.size());
  }

  int local(std::string_view name) const {
    const auto found = std::find(locals_.rbegin(), locals_.rend(), name);
    return found == locals_.rend() ? Expr::kNowhere : static_cast<int>(locals_.rend() - found) - 1;
  }

  // "a.b.c" of a chain of names, "" for any other tree; `root` is its first name.
  static std::string qualified(const Expr& expr, const Expr*& root) {
    if (expr.node == Node::name) {
      root = &expr;
      return expr.text;
    }
    if (expr.node != Node::select) return {};
    const std::string before = qualified(*expr.operands[0], root);
    return before.empty() ? before : before + "." + expr.text;
  }

  void name_or_field(std::unique_ptr<Expr>& expr) {
    const Expr* root = nullptr;
    const std::string name = qualified(*expr, root);
    const bool is_local = root && !root->absolute && local(root->text) != Expr::kNowhere;
    if (is_local && expr->node == Node::name) expr->local = local(expr->text);
    if (root && !is_local && global(*expr, name, root->absolute)) return;
    for (auto& operand : expr->operands) visit(operand);
  }

  bool global(Expr& expr, const std::string& name, bool absolute) {
    std::string container = absolute ? std::string() : environment_.container;
    while (true) {
      const std::string candidate = container.empty() ? name : container + "." + name;
      if (declared(expr, candidate)) return true;
      if (container.empty()) return false;
      const std::size_t dot = container.rfind('.');
      container.resize(dot == std::string::npos ? 0 : dot);
    }
  }

  bool declared(Expr& expr, const std::string& name) const {
    const auto& variables = environment_.variables;
    const auto variable = std::ranges::find(variables, name, &Environment::Variable::name);
    const auto* type = std::ranges::find(kTypes, name);
    if (variable != variables.end()) {
      expr.node = Node::name;
      expr.variable = static_cast<int>(variable - variables.begin());
    } else if (type != kTypes.end()) {
      expr.node = Node::literal;
      expr.literal = Value::type(*type);
    } else {
      return false;
    }
    expr.text = name;
    expr.operands.clear();
    return true;
  }

  const Environment& environment_;
  std::vector<std::string> locals_;
  std::size_t most_ = 0;
};

}  // namespace

std::size_t resolve_names(std::unique_ptr<Expr>& tree, const Environment& environment) {
  Resolver resolver(environment);
  resolver.visit(tree);
  return resolver.most();
}

}  // namespace ropewalk::cel
