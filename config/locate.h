// Where values of a configuration stand in its text, for messages. Pure; only asked once something
// is wrong.
#pragma once

#include <cstddef>
#include <map>
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

// Of a key the key itself, of a list entry the entry.
struct Place {
  Position at;  // line 0: not known
  std::map<std::string, Place> members;
  std::map<std::string, std::string> spelling;  // of a lower-case key, the last one
  std::vector<Place> entries;

  // A key in any letter case, of repeated ones the last; nullptr when there is none.
  const Place* member(const std::string& key) const;
  // For those who build the tree; a repeated key takes the place of the one before.
  void add(const std::string& key, Place place);
};

// The places of all values of a text that has been parsed without an error, read once.
class Places {
 public:
  Places(std::string_view text, Syntax syntax);

  // What is absent is where its owner is; nothing where `path` is none.
  std::optional<Position> find(std::string_view path) const;

 private:
  Place root_;
};

}  // namespace ropewalk::config
