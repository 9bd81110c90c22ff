#include "common/cel/evaluator.h"

#include <array>
#include <optional>

namespace ropewalk::cel {
namespace {

constexpr const char* kTooMuch = "the expression costs too much";

bool is_key(const Value& value) {
  return value.is(Kind::boolean) || value.is(Kind::integer) || value.is(Kind::uinteger) ||
         value.is(Kind::text);
}

}  // namespace

Outcome Evaluator::run(const Expr& expr) {
  if (!meter_.spend()) return failed(kTooMuch);
  switch (expr.node) {
    case Node::literal:
      return expr.literal;
    case Node::name:
      return name(expr);
    case Node::select:
    case Node::has:
      return field(expr);
    case Node::call:
      return call(expr);
    case Node::list:
      return list(expr);
    case Node::map:
      return map(expr);
    case Node::conditional:
      return conditional(expr);
    case Node::all_of:
    case Node::any_of:
      return chain(expr);
    case Node::macro:
      return macro(expr);
  }
  return failed("unknown expression");
}

Outcome Evaluator::name(const Expr& expr) const {
  if (expr.local != Expr::kNowhere) return locals_[static_cast<std::size_t>(expr.local)];
  if (expr.variable == Expr::kNowhere) return failed("unknown name");
  const auto place = static_cast<std::size_t>(expr.variable);
  if (place >= bindings_.size() || !bindings_[place]) return failed("this name has no value here");
  return *bindings_[place];
}

Outcome Evaluator::field(const Expr& expr) {
  const Outcome operand = run(*expr.operands[0]);
  if (!operand) return operand;
  if (!operand->is(Kind::map)) return no_overload();
  auto found = find(*operand, Value::borrowed(expr.text), meter_);
  if (expr.node == Node::has) return Value::boolean(found.has_value());
  if (!found) return failed("no such key");
  return std::move(*found);
}

Outcome Evaluator::call(const Expr& expr) {
  if (!expr.function) return failed("unknown function");
  // No standard function takes more.
  std::array<Value, 2> arguments;
  if (expr.operands.size() > arguments.size()) return no_overload();
  for (std::size_t i = 0; i < expr.operands.size(); ++i) {
    Outcome argument = run(*expr.operands[i]);
    if (!argument) return argument;
    arguments[i] = std::move(*argument);
  }
  return expr.function->run(
      {std::span(arguments).first(expr.operands.size()), meter_, expr.prepared.get()});
}

Outcome Evaluator::list(const Expr& expr) {
  if (!meter_.allocate(expr.operands.size() * sizeof(Value))) return failed(kTooMuch);
  List out;
  out.reserve(expr.operands.size());
  for (const auto& operand : expr.operands) {
    Outcome element = run(*operand);
    if (!element) return element;
    out.push_back(std::move(*element));
  }
  return Value::list(std::move(out));
}

Outcome Evaluator::map(const Expr& expr) {
  if (!meter_.allocate(expr.operands.size() * sizeof(Value))) return failed(kTooMuch);
  Map out;
  for (std::size_t i = 0; i + 1 < expr.operands.size(); i += 2) {
    Outcome key = run(*expr.operands[i]);
    if (!key) return key;
    if (!is_key(*key)) return failed("unsupported key type");
    Outcome value = run(*expr.operands[i + 1]);
    if (!value) return value;
    for (const auto& [known, _] : out)
      if (equal(known, *key, meter_)) return failed("a repeated key");
    out.emplace_back(std::move(*key), std::move(*value));
  }
  return Value::map(std::move(out));
}

Outcome Evaluator::conditional(const Expr& expr) {
  const Outcome condition = run(*expr.operands[0]);
  if (!condition) return condition;
  if (!condition->is(Kind::boolean)) return no_overload();
  return run(*expr.operands[condition->as_boolean() ? 1 : 2]);
}

Outcome Evaluator::chain(const Expr& expr) {
  const bool deciding = expr.node == Node::any_of;
  std::optional<Failure> failure;
  for (const auto& operand : expr.operands) {
    const Outcome value = run(*operand);
    if (meter_.exhausted()) return failed(kTooMuch);
    if (!value)
      failure = failure ? failure : value.error();
    else if (!value->is(Kind::boolean))
      failure = failure ? failure : no_overload().error();
    else if (value->as_boolean() == deciding)
      return Value::boolean(deciding);
  }
  if (failure) return std::unexpected(*failure);
  return Value::boolean(!deciding);
}

Outcome Evaluator::macro(const Expr& expr) {
  const Outcome range = run(*expr.operands[0]);
  if (!range) return range;
  if (!range->is(Kind::list) && !range->is(Kind::map)) return no_overload();
  switch (expr.macro) {
    case Macro::all:
    case Macro::exists:
      return decide(expr, *range);
    case Macro::exists_one:
      return exactly_one(expr, *range);
    case Macro::filter:
    case Macro::map:
      return transform(expr, *range);
    case Macro::transform_map:
      return transform_map(expr, *range);
  }
  return no_overload();
}

Value Evaluator::bind(const Expr& expr, const Value& range, std::size_t at) {
  const auto local = static_cast<std::size_t>(expr.local);
  const bool is_list = range.is(Kind::list);
  if (expr.variables.size() == 1)
    return locals_[local] = is_list ? range.element(at) : range.entry(at).first;
  if (is_list) {
    locals_[local] = Value::integer(static_cast<std::int64_t>(at));
    locals_[local + 1] = range.element(at);
  } else {
    std::tie(locals_[local], locals_[local + 1]) = range.entry(at);
  }
  return locals_[local];
}

std::expected<bool, Failure> Evaluator::passes(const Expr& condition) {
  const Outcome value = run(condition);
  if (!value) return std::unexpected(value.error());
  if (!value->is(Kind::boolean)) return no_overload();
  return value->as_boolean();
}

// all is a long &&, exists a long ||.
Outcome Evaluator::decide(const Expr& expr, const Value& range) {
  const bool deciding = expr.macro == Macro::exists;
  std::optional<Failure> failure;
  for (std::size_t i = 0; i < range.size(); ++i) {
    bind(expr, range, i);
    const auto value = passes(*expr.operands[1]);
    if (meter_.exhausted()) return failed(kTooMuch);
    if (!value)
      failure = failure ? failure : value.error();
    else if (*value == deciding)
      return Value::boolean(deciding);
  }
  if (failure) return std::unexpected(*failure);
  return Value::boolean(!deciding);
}

Outcome Evaluator::exactly_one(const Expr& expr, const Value& range) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < range.size(); ++i) {
    bind(expr, range, i);
    const auto value = passes(*expr.operands[1]);
    if (!value) return std::unexpected(value.error());
    if (*value) ++count;
  }
  return Value::boolean(count == 1);
}

Outcome Evaluator::transform(const Expr& expr, const Value& range) {
  const bool filters = expr.macro == Macro::filter || expr.operands.size() == 3;
  List out;
  for (std::size_t i = 0; i < range.size(); ++i) {
    Value element = bind(expr, range, i);
    if (filters) {
      const auto value = passes(*expr.operands[1]);
      if (!value) return std::unexpected(value.error());
      if (!*value) continue;
    }
    if (!meter_.allocate(sizeof(Value))) return failed(kTooMuch);
    if (expr.macro == Macro::filter) {
      out.push_back(std::move(element));
      continue;
    }
    Outcome made = run(*expr.operands.back());
    if (!made) return made;
    out.push_back(std::move(*made));
  }
  return Value::list(std::move(out));
}

Outcome Evaluator::transform_map(const Expr& expr, const Value& range) {
  Map out;
  for (std::size_t i = 0; i < range.size(); ++i) {
    Value key = bind(expr, range, i);
    if (expr.operands.size() == 3) {
      const auto value = passes(*expr.operands[1]);
      if (!value) return std::unexpected(value.error());
      if (!*value) continue;
    }
    if (!meter_.allocate(2 * sizeof(Value))) return failed(kTooMuch);
    Outcome made = run(*expr.operands.back());
    if (!made) return made;
    out.emplace_back(std::move(key), std::move(*made));
  }
  return Value::map(std::move(out));
}

}  // namespace ropewalk::cel
