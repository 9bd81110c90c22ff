// qos/ratelimit/router, qos/ratelimit/service and qos/ratelimit/proxy on the way of a request.
//
// The gates ask the client's bucket first (429), then the common one (503): a request that the
// second refuses has spent a token of the first. Bodies are empty and the head has none of the
// endpoint's fields, as KrakenD answers.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::ratelimit {

Result<std::shared_ptr<const pipeline::Gate>> make_router_limit(const pipeline::Site& site);
Result<std::shared_ptr<const pipeline::Gate>> make_service_limit(const pipeline::Site& site);
Result<std::shared_ptr<const pipeline::Filter>> make_backend_limit(const pipeline::Site& site);

}  // namespace ropewalk::ratelimit
