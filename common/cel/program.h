// Expressions of CEL (cel-spec): compile() once, then evaluate() as often as wanted.
// A Program is immutable and may be used by any thread at once.
#pragma once

#include "common/cel/functions.h"
#include "common/cel/meter.h"
#include "common/cel/parser.h"
#include "common/cel/types.h"
#include "common/cel/value.h"
#include "common/error.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::cel {

// What an expression may name.
struct Environment {
  struct Variable {
    std::string name;  // may be qualified: "a.b"
    Type type;
  };
  std::vector<Variable> variables;
  std::string container;  // "a.b": x is looked up as a.b.x, a.x, x
  Syntax syntax;
  // Without, only the syntax is checked, and mistakes show when an evaluation meets them.
  bool check_types = true;
};

// Values of the environment's variables, by place; one without value fails what reads it.
using Bindings = std::vector<std::optional<Value>>;

class Program {
 public:
  Program(std::unique_ptr<const Expr> tree, std::size_t locals, Type result);

  // The result lives as long as the program, the bindings and what they borrow.
  Outcome evaluate(const Bindings& bindings, const Limits& limits = {}) const;

  const Type& result() const { return result_; }
  // Whether it names that variable of its environment: others need no value.
  bool names(std::size_t variable) const;

 private:
  std::unique_ptr<const Expr> tree_;
  std::size_t locals_;  // variables of macros, at most at once
  Type result_;
  std::vector<std::size_t> named_;  // variables, sorted
};

// Errors: Kind::config, "column N: what is wrong".
Result<Program> compile(const Environment& environment, std::string_view text);

}  // namespace ropewalk::cel
