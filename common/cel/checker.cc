#include "common/cel/checker.h"

#include "common/cel/lexer.h"
#include "common/strings.h"

#include <algorithm>
#include <expected>
#include <map>

namespace ropewalk::cel {
namespace {

class Checker {
 public:
  Checker(const Environment& environment, std::string_view text)
      : environment_(environment), text_(text) {}

  Result<Type> type_of(const Expr& expr) {
    switch (expr.node) {
      case Node::literal:
        if (expr.literal.is(Kind::type)) return Type{.form = Type::Form::type};
        return plain(expr.literal.kind());
      case Node::name:
        return name(expr);
      case Node::select:
      case Node::has:
        return field(expr);
      case Node::call:
        return call(expr);
      case Node::list:
        return elements(expr);
      case Node::map:
        return entries(expr);
      case Node::conditional:
        return conditional(expr);
      case Node::all_of:
      case Node::any_of:
        for (const auto& operand : expr.operands)
          if (auto wrong = need_boolean(*operand); !wrong) return std::unexpected(wrong.error());
        return plain(Kind::boolean);
      case Node::macro:
        return macro(expr);
    }
    return dyn();
  }

  Type resolve(const Type& type) const { return types_.resolve(type); }

 private:
  std::unexpected<Error> wrong(const Expr& expr, const std::string& what) const {
    return refuse(text_, expr.at, what);
  }

  Result<Type> name(const Expr& expr) {
    if (expr.local != Expr::kNowhere) return locals_[static_cast<std::size_t>(expr.local)];
    if (expr.variable != Expr::kNowhere)
      return environment_.variables[static_cast<std::size_t>(expr.variable)].type;
    std::vector<std::string_view> known;
    for (const auto& variable : environment_.variables) known.push_back(variable.name);
    const std::string_view near = nearest(expr.text, known);
    return wrong(expr, "unknown name '" + expr.text + "'" +
                           (near.empty() ? "" : " (did you mean " + std::string(near) + "?)"));
  }

  Result<Type> field(const Expr& expr) {
    auto operand = type_of(*expr.operands[0]);
    if (!operand) return operand;
    const Type type = types_.resolve(*operand);
    Type result = dyn();
    if (type.form == Type::Form::map)
      result = type.arguments[1];
    else if (type.form == Type::Form::parameter)
      types_.assign(type, dyn());
    else if (type.form != Type::Form::dyn)
      return wrong(expr, to_string(type) + " has no field '" + expr.text + "'");
    return expr.node == Node::has ? plain(Kind::boolean) : result;
  }

  Result<void> need_boolean(const Expr& expr) {
    auto type = type_of(expr);
    if (!type) return std::unexpected(type.error());
    if (types_.assign(*type, plain(Kind::boolean))) return {};
    return wrong(expr, "expected bool, got " + to_string(types_.resolve(*type)));
  }

  Result<Type> call(const Expr& expr) {
    const auto same_name = [&](const Overload& overload) { return overload.name == expr.text; };
    if (std::ranges::none_of(overloads(), same_name))
      return wrong(expr, "unknown function '" + expr.text + "'" + suggestion(expr.text));
    std::vector<Type> given;
    for (const auto& operand : expr.operands) {
      auto type = type_of(*operand);
      if (!type) return type;
      given.push_back(std::move(*type));
    }
    std::optional<Type> result;
    for (const Overload& overload : overloads()) {
      if (!same_name(overload) || overload.receiver != expr.receiver) continue;
      const auto match = apply(overload, given);
      if (!match) continue;
      result = !result || types_.resolve(*result) == types_.resolve(*match) ? *match : dyn();
    }
    if (result) return *result;
    return wrong(expr, "'" + shown(expr.text) + "' does not take " + listed(given));
  }

  // The result, where the overload takes these operands.
  std::optional<Type> apply(const Overload& overload, const std::vector<Type>& given) {
    // One list of all, so that A is the same in operands and result.
    Type all = read_type("list(" + std::string(overload.arguments) + "," +
                         std::string(overload.result) + ")");
    std::map<int, Type> renamed;
    all = types_.rename(all, renamed);
    if (all.arguments.size() != given.size() + 1) return std::nullopt;
    Type wanted{.form = Type::Form::list};
    wanted.arguments.assign(all.arguments.begin(), all.arguments.end() - 1);
    Type offered{.form = Type::Form::list};
    offered.arguments = given;
    if (!types_.assign(offered, wanted)) return std::nullopt;
    return types_.resolve(all.arguments.back());
  }

  static std::string suggestion(std::string_view name) {
    std::vector<std::string_view> known;
    for (const Overload& overload : overloads()) known.push_back(overload.name);
    const std::string_view near = nearest(name, known);
    return near.empty() ? "" : " (did you mean " + std::string(near) + "?)";
  }

  // "_+_" -> "+", "@in" -> "in", "_[_]" -> "[]".
  static std::string shown(std::string_view name) {
    std::string out;
    for (const char c : name)
      if (c != '@' && (c != '_' || name.size() > 5)) out += c;
    return out;
  }

  std::string listed(const std::vector<Type>& types) const {
    std::vector<std::string> out;
    for (const Type& type : types) out.push_back(to_string(types_.resolve(type)));
    return "(" + join(out, ", ") + ")";
  }

  Result<Type> elements(const Expr& expr) {
    Type element = types_.fresh();
    for (std::size_t i = 0; i < expr.operands.size(); ++i) {
      auto type = type_of(*expr.operands[i]);
      if (!type) return type;
      element = i == 0 ? *type : types_.join(element, *type);
    }
    return list_of(element);
  }

  Result<Type> entries(const Expr& expr) {
    Type key = types_.fresh();
    Type value = types_.fresh();
    for (std::size_t i = 0; i < expr.operands.size(); ++i) {
      auto type = type_of(*expr.operands[i]);
      if (!type) return type;
      Type& side = i % 2 == 0 ? key : value;
      side = i < 2 ? *type : types_.join(side, *type);
    }
    return map_of(key, value);
  }

  Result<Type> conditional(const Expr& expr) {
    if (auto condition = need_boolean(*expr.operands[0]); !condition)
      return std::unexpected(condition.error());
    auto yes = type_of(*expr.operands[1]);
    if (!yes) return yes;
    auto no = type_of(*expr.operands[2]);
    if (!no) return no;
    if (types_.resolve(*yes).form == Type::Form::dyn) return dyn();
    if (!types_.assign(*no, *yes)) return wrong(expr, "'?:' does not take " + listed({*yes, *no}));
    return types_.resolve(*no).form == Type::Form::dyn ? dyn() : *yes;
  }

  struct Range {
    Type key;    // of a list its index
    Type value;  // of a list its element
    bool is_list = false;
  };
  Result<Range> range(const Expr& expr) {
    auto given = type_of(*expr.operands[0]);
    if (!given) return std::unexpected(given.error());
    const Type type = types_.resolve(*given);
    switch (type.form) {
      case Type::Form::list:
        return Range{plain(Kind::integer), type.arguments[0], true};
      case Type::Form::map:
        return Range{type.arguments[0], type.arguments[1]};
      case Type::Form::parameter:
        types_.assign(type, dyn());
        [[fallthrough]];
      case Type::Form::dyn:
        return Range{};
      default:
        return wrong(expr, "a macro needs a list or a map, got " + to_string(type));
    }
  }

  Result<Type> macro(const Expr& expr) {
    auto over = range(expr);
    if (!over) return std::unexpected(over.error());
    const auto before = static_cast<std::size_t>(expr.local);
    locals_.resize(before);
    // One variable: the element of a list, the key of a map.
    const Type element = over->is_list ? over->value : over->key;
    if (expr.variables.size() == 2) {
      locals_.push_back(over->key);
      locals_.push_back(over->value);
    } else {
      locals_.push_back(element);
    }
    auto out = macro_result(expr, over->key, element);
    locals_.resize(before);
    return out;
  }

  Result<Type> macro_result(const Expr& expr, const Type& key, const Type& element) {
    const bool transforms = expr.macro == Macro::map || expr.macro == Macro::transform_map;
    const std::size_t conditions = expr.operands.size() - 1 - (transforms ? 1 : 0);
    if (conditions == 1)
      if (auto condition = need_boolean(*expr.operands[1]); !condition)
        return std::unexpected(condition.error());
    if (expr.macro == Macro::filter) return list_of(element);
    if (!transforms) return plain(Kind::boolean);
    auto made = type_of(*expr.operands.back());
    if (!made) return made;
    return expr.macro == Macro::map ? list_of(*made) : map_of(key, *made);
  }

  const Environment& environment_;
  std::string_view text_;
  Substitution types_;
  std::vector<Type> locals_;
};

}  // namespace

Result<Type> check(const Expr& tree, const Environment& environment, std::string_view text) {
  Checker checker(environment, text);
  auto type = checker.type_of(tree);
  if (!type) return type;
  return checker.resolve(*type);
}

}  // namespace ropewalk::cel
