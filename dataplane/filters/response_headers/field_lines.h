// The lines of a head, "Name: value\r\n" each, with some of them changed. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::filters {

// Names in canonical case; they are found in any.
struct FieldChanges {
  std::vector<std::string> erase;
  std::vector<std::pair<std::string, std::string>> rename;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      replace;  // of fields that are there
  std::vector<std::pair<std::string, std::vector<std::string>>> add;
};

// In the order of the members above.
std::string change(std::string_view lines, const FieldChanges& changes);

}  // namespace ropewalk::filters
