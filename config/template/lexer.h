// Text of a template -> tokens, with Go's white space trimming done. One thread; the text outlives
// the tokens.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config::templates {

struct Token {
  enum class Form : std::uint8_t {
    text,
    open,   // {{
    close,  // }}
    space,
    word,      // a function or keyword
    variable,  // $x or $
    field,     // .x
    dot,
    number,
    quoted,  // "..." or `...`, decoded
    character,
    declare,  // :=
    assign,   // =
    pipe,
    comma,
    left,
    right,
    end,
  };
  Form form;
  std::string text;
  std::size_t at;  // offset
};

enum class Cause : std::uint8_t {
  broken,   // to Go as well
  missing,  // a function that Go or Sprig has
  limit,    // one of ours
};

// Where and why; the caller knows the name of the file.
struct Fault {
  std::size_t at = 0;
  std::string message;
  Cause cause = Cause::broken;
};

std::expected<std::vector<Token>, Fault> tokens_of(std::string_view text);

}  // namespace ropewalk::config::templates
