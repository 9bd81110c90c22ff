// What a template means, as parser.h reads it. Plain data; the texts are owned.
#pragma once

#include "config/template/value.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::config::templates {

struct Pipeline;

// One word of a command.
struct Operand {
  enum class Form : std::uint8_t { constant, nil, dot, variable, function, pipeline };
  Form form = Form::dot;
  Value constant;
  bool number = false;             // a constant written as a number, which fits int and float
  std::string name;                // of a variable (with its $) or a function
  std::vector<std::string> chain;  // fields behind it
  std::unique_ptr<Pipeline> inner;
  std::size_t at = 0;  // offset in the text
};

struct Command {
  std::vector<Operand> operands;
};

struct Pipeline {
  std::vector<std::string> variables;  // what := or = sets, with their $
  bool declares = false;
  std::vector<Command> commands;
  std::size_t at = 0;
};

struct Node {
  enum class Form : std::uint8_t {
    text,
    action,
    condition,
    with,
    range,
    call,  // {{ template }}
    leave,
    next,
  };
  Form form = Form::text;
  std::string text;  // of the output, or the name of the template called
  std::unique_ptr<Pipeline> pipeline;
  std::vector<Node> body;
  std::vector<Node> otherwise;
  std::size_t at = 0;
};

struct Template {
  std::string name;
  std::vector<Node> body;
  std::size_t source = 0;  // which text it stands in

  // Nothing but white space: such a template does not take the place of another.
  bool empty() const {
    return std::ranges::all_of(body, [](const Node& node) {
      return node.form == Node::Form::text &&
             node.text.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
    });
  }
};

}  // namespace ropewalk::config::templates
