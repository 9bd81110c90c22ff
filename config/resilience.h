// What `ropewalk/backend` says (config/extra/resilience.h), as the data plane holds it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace ropewalk::config {

// Idempotent calls only (RFC 9110 9.2.2), each on another host than those before.
struct RetryRules {
  std::uint32_t attempts = 1;  // beside the first
  std::vector<std::uint32_t> status_codes{502, 503, 504};
  std::uint32_t budget_percent = 20;  // of the calls
};

// A host is left alone after so many failures in a row: connections that fail or break, timeouts,
// and 5xx. Each rest in a row is longer than the one before by its length, up to ten times.
struct EjectionRules {
  std::uint32_t consecutive_failures = 5;
  std::int64_t time_ns = 30'000'000'000;
  std::uint32_t max_percent = 50;  // beyond, every host is called again
};

struct Resilience {
  std::vector<std::uint32_t> valid_status_codes;  // sorted; empty: 200 and 201
  bool accept_empty_body = false;
  std::optional<RetryRules> retry;
  std::optional<EjectionRules> ejection;
  bool least_request = false;

  bool accepts(unsigned status) const {
    if (valid_status_codes.empty()) return status == 200 || status == 201;
    return std::ranges::binary_search(valid_status_codes, status);
  }
};

}  // namespace ropewalk::config
