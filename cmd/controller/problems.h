// `ropewalk-controller problems`: asks the admin listener of a running controller.
#pragma once

#include <string>

namespace ropewalk::controller {

// Prints the table; returns the exit code.
int print_problems(const std::string& admin);

}  // namespace ropewalk::controller
