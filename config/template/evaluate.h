// Runs one template. Used by engine.h.
#pragma once

#include "config/template/ast.h"
#include "config/template/functions.h"
#include "config/template/lexer.h"

#include <map>
#include <string>

namespace ropewalk::config::templates {

struct RunFault {
  std::size_t source = 0;
  Fault fault;
};

using Templates = std::map<std::string, Template, std::less<>>;

std::expected<std::string, RunFault> run_template(const Template& start, const Templates& all,
                                                  Context& context, const Value& data);

}  // namespace ropewalk::config::templates
