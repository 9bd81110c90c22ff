// modifier/martian: the last to change a backend's request and the first to see its answer.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::martian {

// Errors (config): the text is none that config/extra/martian wrote.
Result<std::shared_ptr<const pipeline::Filter>> make_filter(const pipeline::Site& site);

}  // namespace ropewalk::martian
