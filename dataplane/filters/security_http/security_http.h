// security/http: hosts that may be asked for, the redirect to TLS and headers that browsers heed
// (unrolled/secure as KrakenD uses it).
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

Result<std::shared_ptr<const pipeline::Gate>> make_security_http(const pipeline::Site& site);

}  // namespace ropewalk::filters
