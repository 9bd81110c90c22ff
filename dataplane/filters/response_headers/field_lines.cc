#include "dataplane/filters/response_headers/field_lines.h"

#include "common/strings.h"

#include <algorithm>

namespace ropewalk::filters {
namespace {

struct Line {
  std::string_view name;
  std::string_view value;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> out;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    out.push_back({line.substr(0, colon), trim(line.substr(colon + 1))});
  }
  return out;
}

auto named(std::string_view name) {
  return [name](const Line& line) { return iequals(line.name, name); };
}

}  // namespace

std::string change(std::string_view text, const FieldChanges& changes) {
  std::vector<Line> lines = lines_of(text);
  for (const std::string& name : changes.erase) std::erase_if(lines, named(name));
  for (const auto& [from, to] : changes.rename)
    for (Line& line : lines)
      if (iequals(line.name, from)) line.name = to;
  for (const auto& [name, values] : changes.replace) {
    const auto first = std::ranges::find_if(lines, named(name));
    if (first == lines.end()) continue;
    const auto place = first - lines.begin();
    std::erase_if(lines, named(name));
    std::vector<Line> fresh;
    for (const std::string& value : values) fresh.push_back({name, value});
    lines.insert(lines.begin() + place, fresh.begin(), fresh.end());
  }
  for (const auto& [name, values] : changes.add)
    for (const std::string& value : values) lines.push_back({name, value});
  std::string out;
  for (const Line& line : lines) {
    out += line.name;
    out += ": ";
    out += line.value;
    out += "\r\n";
  }
  return out;
}

}  // namespace ropewalk::filters
