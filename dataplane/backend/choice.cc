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

}  // namespace ropewalk::backend
