// modifier/lua-endpoint (gates of the service and of an endpoint), modifier/lua-proxy and
// modifier/lua-backend (filters). A script that fails costs its request only.
//
// All return null for a block without scripts. Errors (config): a script does not compile.
#pragma once

#include "dataplane/pipeline/factory.h"

namespace ropewalk::lua {

Result<std::shared_ptr<const pipeline::Gate>> make_gate(const pipeline::Site& site);
Result<std::shared_ptr<const pipeline::Filter>> make_filter(const pipeline::Site& site);

}  // namespace ropewalk::lua
