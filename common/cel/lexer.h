// The words of an expression (cel-spec, langdef.md "Syntax"). Pure.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::cel {

enum class Word : std::uint8_t {
  end,
  name,         // text
  quoted_name,  // `text`: a field's name with other characters
  integer,      // text without sign
  uinteger,     // text without the u
  number,
  text,   // decoded
  bytes,  // decoded
  sign,   // an operator or a bracket: text
};

struct Token {
  Word word = Word::end;
  std::uint32_t at = 0;  // byte of the text
  std::string text;
};

// Errors: Kind::config, "column N: what is wrong".
Result<std::vector<Token>> lex(std::string_view text);

// An error at a byte of the text; columns count characters from 1.
std::unexpected<Error> refuse(std::string_view text, std::size_t at, const std::string& what);

}  // namespace ropewalk::cel
