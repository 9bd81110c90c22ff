// Finds out what the names of a tree mean: variables of macros, of the environment (the longest
// qualified name first, outwards from the container), types, functions.
#pragma once

#include "common/cel/program.h"

namespace ropewalk::cel {

// How many variables of macros there are at most at once.
std::size_t resolve_names(std::unique_ptr<Expr>& tree, const Environment& environment);

}  // namespace ropewalk::cel
