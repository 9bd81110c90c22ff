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
#include "config/resilience.h"

#include <string>
#include <string_view>

namespace ropewalk::config {

Resilience read_resilience(const ExtraValue& extra, Diagnostics& diagnostics);
// The text that travels in Backend.extra_config; "" when nothing is on.
std::string to_text(const Resilience& rules);
// The reverse, for the data plane. Errors: Kind::config.
Result<Resilience> parse_resilience(std::string_view text);

}  // namespace ropewalk::config
