// security/bot-detector: 403 for User-Agents that are bots, before anything else at its level.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::filters {

Result<std::shared_ptr<const pipeline::Gate>> make_bot_detector(const pipeline::Site& site);

}  // namespace ropewalk::filters
