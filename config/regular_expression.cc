#include "config/regular_expression.h"

#include <re2/re2.h>

namespace ropewalk::config {

void check_expression(const std::string& expression, const std::string& path,
                      Diagnostics& diagnostics) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(expression, options);
  if (!compiled.ok())
    diagnostics.refuse(path, "expected a regular expression (RE2): " + compiled.error() + " in " +
                                 expression.substr(0, 80));
}

}  // namespace ropewalk::config
