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

enum class Word : std::uint8_t {
  function,
  missing,  // a function of Go or Sprig that this build lacks
  unknown,
};
using Words = std::function<Word(std::string_view)>;

// `words` says which functions exist: an unknown one is an error here, as in Go.
std::expected<Parsed, Fault> parse_template(std::string name, std::string_view text,
                                            const Words& words);

}  // namespace ropewalk::config::templates
