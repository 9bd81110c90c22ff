// Queries and authorities of URLs, as Go reads and writes them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::martian {

using Query = std::vector<std::pair<std::string, std::string>>;
Query parse_query(std::string_view text);
std::string encode_query(Query query);  // sorted by name

// "host:8080" -> "host", "[::1]:8080" -> "[::1]"
std::string without_port(std::string_view host);
// Nothing without one, or one that is no number.
std::optional<int> port_of(std::string_view host);

}  // namespace ropewalk::martian
