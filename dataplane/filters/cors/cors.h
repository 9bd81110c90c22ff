// security/cors: answers preflights, and tells browsers on every other answer which origins may
// read it (rs/cors as KrakenD uses it).
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

Result<std::shared_ptr<const pipeline::Gate>> make_cors(const pipeline::Site& site);

}  // namespace ropewalk::filters
