// modifier/response-headers (a feature of the paid edition): changes the headers of every answer at
// its level, those that the gateway writes itself included.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

Result<std::shared_ptr<const pipeline::Gate>> make_response_headers(const pipeline::Site& site);

}  // namespace ropewalk::filters
