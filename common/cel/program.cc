#include "common/cel/program.h"

#include "common/cel/checker.h"
#include "common/cel/evaluator.h"
#include "common/cel/resolver.h"

#include <algorithm>

namespace ropewalk::cel {
namespace {

void collect(const Expr& expr, std::vector<std::size_t>& out) {
  if (expr.variable != Expr::kNowhere) out.push_back(static_cast<std::size_t>(expr.variable));
  for (const auto& operand : expr.operands) collect(*operand, out);
}

}  // namespace

Program::Program(std::unique_ptr<const Expr> tree, std::size_t locals, Type result)
    : tree_(std::move(tree)), locals_(locals), result_(std::move(result)) {
  collect(*tree_, named_);
  std::ranges::sort(named_);
}

bool Program::names(std::size_t variable) const {
  return std::ranges::binary_search(named_, variable);
}

Result<Program> compile(const Environment& environment, std::string_view text) {
  auto tree = parse(text, environment.syntax);
  if (!tree) return std::unexpected(tree.error());
  const std::size_t locals = resolve_names(*tree, environment);
  Type result = dyn();
  if (environment.check_types) {
    auto type = check(**tree, environment, text);
    if (!type) return std::unexpected(type.error());
    result = std::move(*type);
  }
  return Program(std::move(*tree), locals, std::move(result));
}

Outcome Program::evaluate(const Bindings& bindings, const Limits& limits) const {
  Meter meter(limits);
  Outcome out = Evaluator(bindings, meter, locals_).run(*tree_);
  if (meter.exhausted()) return failed("the expression costs too much");
  return out;
}

}  // namespace ropewalk::cel
