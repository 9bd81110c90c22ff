#include "config/expression/regular_expression.h"

#include <re2/re2.h>

namespace ropewalk::config {

std::string expression_problem(const std::string& expression) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(expression, options);
  return compiled.ok() ? std::string() : compiled.error();
}

}  // namespace ropewalk::config
