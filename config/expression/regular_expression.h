// Regular expressions of a configuration (RE2, the syntax of Go), tried while it is loaded. Pure.
// A library of its own: nothing else is compiled with what RE2 asks of its users.
#pragma once

#include <string>

namespace ropewalk::config {

// Why the expression does not compile, "" when it does.
std::string expression_problem(const std::string& expression);

}  // namespace ropewalk::config
