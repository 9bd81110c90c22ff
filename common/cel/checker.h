// Types of a tree whose names are resolved (cel-spec, "Gradual type checking").
#pragma once

#include "common/cel/program.h"

namespace ropewalk::cel {

// The type of the whole. Errors: Kind::config, "column N: ...": an unknown name or function,
// operands that no function takes.
Result<Type> check(const Expr& tree, const Environment& environment, std::string_view text);

}  // namespace ropewalk::cel
