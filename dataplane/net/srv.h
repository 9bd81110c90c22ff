// SRV records (RFC 2782): asked for, and the hosts that they make by KrakenD's rule.
#pragma once

#include "common/error.h"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ropewalk::net {

struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;  // without the dot at its end
  bool operator==(const SrvRecord&) const = default;
};

struct SrvHost {
  std::string name;
  std::uint16_t port = 0;
  bool operator==(const SrvHost&) const = default;
};

// Pure. A list to go through in turn: the records of the best (lowest) priority, each as often as
// its share in percent says, reduced; a share under one percent is left out, and where nobody has a
// weight all are equal. Sorted, so that equal answers give equal lists.
std::vector<SrvHost> hosts_of(std::vector<SrvRecord> records);

// Asks for all names at once and waits for the answers, each for about `timeout` at most. For
// threads that have no event loop; see Resolver::resolve_srv. One result for each name.
std::vector<Result<std::vector<SrvRecord>>> look_up(std::span<const std::string> names,
                                                    std::chrono::milliseconds timeout,
                                                    const std::string& servers);

}  // namespace ropewalk::net
