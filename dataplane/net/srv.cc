#include "dataplane/net/srv.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace ropewalk::net {

std::vector<SrvHost> hosts_of(std::vector<SrvRecord> records) {
  std::ranges::sort(records, [](const SrvRecord& a, const SrvRecord& b) {
    return std::tie(a.priority, a.target, a.port, a.weight) <
           std::tie(b.priority, b.target, b.port, b.weight);
  });
  std::erase_if(records, [best = records.empty() ? 0 : records.front().priority](
                             const SrvRecord& record) { return record.priority != best; });
  std::uint64_t total = 0;
  for (const SrvRecord& record : records) total += record.weight;
  // Many records of like weight have a share each (KrakenD).
  const std::uint64_t whole = std::max<std::uint64_t>(100, records.size());
  std::vector<std::uint32_t> shares;
  std::uint32_t divisor = 0;
  for (const SrvRecord& record : records) {
    const std::uint64_t share = total == 0       ? 1
                                : total <= whole ? record.weight
                                                 : record.weight * whole / total;
    shares.push_back(static_cast<std::uint32_t>(share));
    divisor = std::gcd(divisor, shares.back());
  }
  std::vector<SrvHost> out;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (divisor > 0)
      out.insert(out.end(), shares[i] / divisor, {records[i].target, records[i].port});
  return out;
}

}  // namespace ropewalk::net
