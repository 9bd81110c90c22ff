// Tokens -> templates, by the rules of Go's text/template. One thread.
#pragma once

#include "config/template/ast.h"
#include "config/template/lexer.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config::templates {

struct Parsed {
  // The text itself under its own name first, then what {{ define }} and {{ block }} name.
  std::vector<Template> templates;
};

// `known` says which functions exist: an unknown one is an error here, as in Go.
std::expected<Parsed, Fault> parse_template(std::string name, std::string_view text,
                                            const std::function<bool(std::string_view)>& known);

}  // namespace ropewalk::config::templates
