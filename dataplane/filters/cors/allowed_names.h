// The list of an Access-Control-Request-Headers field against what is allowed, as rs/cors reads it:
// browsers send lower-case names, sorted, each once (Fetch, "CORS-unsafe request-header names"), so
// that one pass over the names and their rank suffices. Immutable; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::filters {

class AllowedNames {
 public:
  // Names in any letter case.
  explicit AllowedNames(const std::vector<std::string>& names);
  // `lines`: the values of all fields of that name. At most 16 empty entries and one blank on each
  // side of a name are tolerated.
  bool accepts(std::span<const std::string_view> lines) const;

 private:
  std::map<std::string, std::size_t, std::less<>> ranks_;
};

}  // namespace ropewalk::filters
