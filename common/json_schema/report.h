// What is wrong with a value, in the words of the validator that KrakenD uses (clients compare
// them): texts quoted as Go does, numbers as its message printer writes English ones. Pure.
#pragma once

#include "common/json/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::json_schema {

struct Problem {
  enum class Form : std::uint8_t {
    plain,
    group,      // several at one place, dissolved where that is possible
    reference,  // not told when it has one cause
  };
  Form form = Form::plain;
  std::string where;  // JSON pointer
  std::string what;
  std::vector<Problem> causes;
};

// "- at '/a': got string, want integer", one line each, causes further in.
std::string report(const Problem& problem);

std::string quoted(std::string_view text);                       // 'it\'s'
std::string quoted_list(const std::vector<std::string>& texts);  // 'a', 'b'
std::string shown(const json::Value& value);                     // of an enum or const
std::string counted(std::size_t value);                          // 12,345
std::string measured(double value);                              // 12,345.67 or 2.5×10⁰⁶
std::string escaped_token(std::string_view key);                 // of a JSON pointer

}  // namespace ropewalk::json_schema
