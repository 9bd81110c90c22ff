// Walks a resolved tree. Errors are values: && and || take them back where the other side decides.
#pragma once

#include "common/cel/ast.h"
#include "common/cel/functions.h"
#include "common/cel/meter.h"
#include "common/cel/program.h"

namespace ropewalk::cel {

// For one evaluation.
class Evaluator {
 public:
  Evaluator(const Bindings& bindings, Meter& meter, std::size_t locals)
      : bindings_(bindings), meter_(meter), locals_(locals) {}

  Outcome run(const Expr& expr);

 private:
  Outcome name(const Expr& expr) const;
  Outcome field(const Expr& expr);
  Outcome call(const Expr& expr);
  Outcome list(const Expr& expr);
  Outcome map(const Expr& expr);
  Outcome conditional(const Expr& expr);
  Outcome chain(const Expr& expr);
  Outcome macro(const Expr& expr);
  Outcome decide(const Expr& expr, const Value& range);
  Outcome exactly_one(const Expr& expr, const Value& range);
  Outcome transform(const Expr& expr, const Value& range);
  Outcome transform_map(const Expr& expr, const Value& range);
  // Sets the variables of a macro to what is at that place.
  Value bind(const Expr& expr, const Value& range, std::size_t at);
  // Whether an entry passes the condition of a macro.
  std::expected<bool, Failure> passes(const Expr& condition);

  const Bindings& bindings_;
  Meter& meter_;
  std::vector<Value> locals_;
};

}  // namespace ropewalk::cel
