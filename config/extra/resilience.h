// extra_config."ropewalk/backend" of a backend: what KrakenD has no words for. Everything is off
// without its key; what is wrong is refused (strict.h).
//
//   valid_status_codes   [200, 204, 404]: these count as success in place of 200 and 201
//   accept_empty_body    true: an answer without a body counts as an empty object
//   retry                {"attempts": 1, "status_codes": [502, 503, 504], "budget_percent": 20}
//   ejection             {"consecutive_failures": 5, "time": "30s", "max_percent": 50}
//   balancing            "round_robin" (default) or "least_request"
#pragma once

#include "common/error.h"
#include "config/extra.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
};

Resilience read_resilience(const ExtraValue& extra, Diagnostics& diagnostics);
// The text that travels in Backend.extra_config; "" when nothing is on.
std::string to_text(const Resilience& rules);
// The reverse, for the data plane. Errors: Kind::config.
Result<Resilience> parse_resilience(std::string_view text);

}  // namespace ropewalk::config
