// Service settings of the model with every default filled in. Pure.
#pragma once

#include "dataplane/compile/graph.h"

namespace ropewalk::compile {

Settings compile_settings(const config::v1::Service& service);

}  // namespace ropewalk::compile
