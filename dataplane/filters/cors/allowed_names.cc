#include "dataplane/filters/cors/allowed_names.h"

#include "common/strings.h"

namespace ropewalk::filters {
namespace {

constexpr std::size_t kMostEmpty = 16;

bool blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

AllowedNames::AllowedNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) ranks_.emplace(to_lower(name), 0);
  std::size_t rank = 0;
  for (auto& [name, place] : ranks_) place = ++rank;
}

bool AllowedNames::accepts(std::span<const std::string_view> lines) const {
  std::size_t last = 0;
  std::size_t empty = 0;
  for (const std::string_view line : lines)
    for (std::string_view name : split(line, ',')) {
      if (!name.empty() && blank(name.front())) name.remove_prefix(1);
      if (!name.empty() && blank(name.back())) name.remove_suffix(1);
      if (name.empty()) {
        if (++empty > kMostEmpty) return false;
        continue;
      }
      const auto found = ranks_.find(name);
      if (found == ranks_.end() || found->second <= last) return false;
      last = found->second;
    }
  return true;
}

}  // namespace ropewalk::filters
