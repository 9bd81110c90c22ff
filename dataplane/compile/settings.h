// Service settings of the model with every default filled in. Pure.
#pragma once

#include "dataplane/compile/graph.h"

namespace ropewalk::compile {

// Error (Kind::config): a trusted_proxies entry that is no address.
Result<Settings> compile_settings(const config::v1::Service& service);

}  // namespace ropewalk::compile
