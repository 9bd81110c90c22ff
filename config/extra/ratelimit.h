// qos/ratelimit/router, qos/ratelimit/service and qos/ratelimit/proxy: rates as KrakenD writes
// them, and as the data plane counts them. Protections: what is wrong is refused (strict.h).
//
// Texts in the model (every part only where it limits something):
//   router, service  {"all":{"interval_ns":..,"burst":..},"headers":true,
//                     "client":{"interval_ns":..,"burst":..,"strategy":"ip|header|param","key":".."}}
//   proxy            {"all":{"interval_ns":..,"burst":..}}
#pragma once

#include "config/extra.h"

#include <string>
#include <vector>

namespace ropewalk::config {

// "" when nothing is limited. `parameters`: placeholders of the endpoint.
std::string read_router_rate_limit(const ExtraValue& extra,
                                   const std::vector<std::string>& parameters,
                                   Diagnostics& diagnostics);
// Before routing: there are no placeholders.
std::string read_service_rate_limit(const ExtraValue& extra, Diagnostics& diagnostics);
std::string read_backend_rate_limit(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
