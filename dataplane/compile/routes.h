// The gateway's own routes (health, debug, echo) and the checks of extra_config on the data plane's
// side. Pure.
#pragma once

#include "dataplane/compile/graph.h"

#include <string>
#include <vector>

namespace ropewalk::compile {

// Route ids of the gateway's own pages; endpoints count from 0.
inline constexpr std::uint32_t kHealthRoute = 0xfffffff0;
inline constexpr std::uint32_t kDebugRoute = 0xfffffff1;
inline constexpr std::uint32_t kEchoRoute = 0xfffffff2;

void add_own_routes(const Settings& settings, std::vector<router::Route>& routes);

// Design 4.3: a protection namespace that this build does not implement rejects its resource. "" or
// the message.
std::string check_extra_config(const config::v1::Resource& resource);

}  // namespace ropewalk::compile
