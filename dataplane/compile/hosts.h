// Host sets of the model -> addresses ready to call. Pure.
#pragma once

#include "dataplane/compile/graph.h"

#include <memory>

namespace ropewalk::compile {

Host compile_host(const config::v1::HostSet::Host& from);
std::shared_ptr<const HostList> compile_hosts(const config::v1::HostSet& set);

}  // namespace ropewalk::compile
