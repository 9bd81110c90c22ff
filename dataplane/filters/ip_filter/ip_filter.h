// The IP filter of the paid edition: `ip-filter` of plugin/http-server (before everything, health
// checks included) and of an endpoint's plugin/req-resp-modifier. 403 with an empty body at both.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

Result<std::shared_ptr<const pipeline::Gate>> make_ip_filter(const pipeline::Site& site);

}  // namespace ropewalk::filters
