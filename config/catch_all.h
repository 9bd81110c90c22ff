// The endpoint "/__catchall": every request that has no route of its own goes to its backend,
// whatever the method. Pure; one thread.
#pragma once

#include "config/endpoint.h"
#include "config/reader.h"

#include <string>
#include <string_view>

namespace ropewalk::config {

bool is_catch_all(std::string_view endpoint);

// Everything that such an endpoint always is: no-op, any method, all headers and parameters. Keys
// that say otherwise are warned about. Refused where hosts come from Services, for it would take
// the requests of every other owner.
void read_catch_all(Reader& reader, HostRule rule, v1::Endpoint& out);

// "/" or "/legacy" as a prefix of the path that was asked for: "/*", "/legacy/*".
std::string prefix_pattern(std::string_view url_pattern);

}  // namespace ropewalk::config
