#include "dataplane/backend/choice.h"

#include <algorithm>
#include <tuple>

namespace ropewalk::backend {

std::size_t choose(std::span<const Candidate> hosts, std::size_t turn, const ChoiceRules& rules) {
  const auto ejected = static_cast<std::size_t>(
      std::ranges::count_if(hosts, [](const Candidate& host) { return host.ejected; }));
  const bool heeds =
      ejected * 100 <= hosts.size() * rules.max_ejected_percent && ejected < hosts.size();
  const auto rank = [&](const Candidate& host) {
    return std::tuple(host.tried, heeds && host.ejected, rules.least_request ? host.calls : 0);
  };
  std::size_t best = turn % hosts.size();
  for (std::size_t i = 1; i < hosts.size(); ++i) {
    const std::size_t at = (turn + i) % hosts.size();
    if (rank(hosts[at]) < rank(hosts[best])) best = at;
  }
  return best;
}

std::size_t first_value_end(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"' && depth > 0) {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;
      if (--depth == 0) return i + 1;
    } else if (depth == 0) {
      break;
    }
  }
  return std::string_view::npos;
}

}  // namespace ropewalk::backend
