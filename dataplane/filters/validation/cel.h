// validation/cel: expressions that a request, an answer or a token has to satisfy. The first that
// does not yield true refuses: "request aborted by evaluator #N", N counted within its kind.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

// Of an endpoint (stage proxy) and of a backend (stage backend): what names req and resp. Null when
// nothing does.
Result<std::shared_ptr<const pipeline::Filter>> make_cel(const pipeline::Site& site);

// Of an endpoint, behind auth/validator: what names JWT. Refuses with 401; without a token that was
// accepted nothing is asked. Null when nothing names it.
Result<std::shared_ptr<const pipeline::Gate>> make_cel_of_token(const pipeline::Site& site);

}  // namespace ropewalk::filters
