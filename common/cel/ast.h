// The tree of a parsed expression. Made by the parser, completed by the resolver and the checker,
// then immutable and read by any thread.
#pragma once

#include "common/cel/value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::cel {

enum class Node : std::uint8_t {
  literal,
  name,         // text
  select,       // operands[0] . text
  has,          // has(operands[0] . text)
  call,         // text(operands...), the receiver first where there is one
  list,         // operands
  map,          // key, value, key, value
  conditional,  // operands[0] ? [1] : [2]
  all_of,       // operands[0] && ...
  any_of,       // operands[0] || ...
  macro,        // operands[0] is the range, then what the macro is given
};

enum class Macro : std::uint8_t {
  all,
  exists,
  exists_one,
  filter,
  map,            // operands: range, [condition,] transform
  transform_map,  // the same, the value of each entry
};

struct Function;
struct Prepared;

struct Expr {
  Node node = Node::literal;
  std::uint32_t at = 0;     // byte of the text
  std::uint32_t depth = 1;  // of the tree below
  Value literal;
  std::string text;
  bool absolute = false;  // .name
  bool receiver = false;  // operand.text(...)
  Macro macro = Macro::all;
  std::vector<std::string> variables;  // of the macro: one, or two
  std::vector<std::unique_ptr<Expr>> operands;

  // By the resolver:
  static constexpr int kNowhere = -1;
  int variable = kNowhere;                   // place in the environment
  int local = kNowhere;                      // place among the variables of the macros around
  const Function* function = nullptr;        // null: nothing of that name and number of operands
  std::shared_ptr<const Prepared> prepared;  // what a literal operand allows to do beforehand
};

}  // namespace ropewalk::cel
