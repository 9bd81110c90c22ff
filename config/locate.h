// Where a value of a configuration stands in its text, for messages. Pure; only asked once
// something is wrong.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

enum class Syntax { json, yaml, toml };

// By the extension of a file's name, case-sensitively, as KrakenD does; json for all others.
Syntax syntax_of(std::string_view file_name);

struct Position {
  std::size_t line = 0;  // from 1
  std::size_t column = 0;
};

// "endpoints[0].extra_config[\"auth/validator\"]" -> its keys and indexes; nothing where the text
// is no path.
struct Step {
  std::string key;
  std::optional<std::size_t> index;
};
std::optional<std::vector<Step>> steps_of(std::string_view path);

// The path at the front of "path: message", "" when there is none.
std::string_view path_of_message(std::string_view message);

// Of a key the key itself, of a list entry the entry. What is absent is where its owner is; keys
// match in any letter case, of repeated ones the last. `text` has been parsed without an error.
std::optional<Position> locate(std::string_view text, Syntax syntax, std::string_view path);

}  // namespace ropewalk::config
