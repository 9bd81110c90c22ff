// validation/json-schema: a request's body has to be JSON that its schema accepts, whatever method
// and Content-Type. Refuses with 400 and the report; the body goes on as it came.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

Result<std::shared_ptr<const pipeline::Filter>> make_json_schema(const pipeline::Site& site);

}  // namespace ropewalk::filters
