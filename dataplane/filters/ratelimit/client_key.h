// Which client a request counts for. Pure.
#pragma once

#include "dataplane/filters/ratelimit/settings.h"
#include "dataplane/pipeline/gate.h"

#include <string>
#include <string_view>

namespace ropewalk::ratelimit {

// The first address of a field such as X-Forwarded-For, without port and brackets, as the system
// writes addresses; "" when it is none.
std::string first_address(std::string_view value);

// "" for a request that names no client: it is refused.
std::string client_key(const ClientLimit& limit, const pipeline::Passage& passage);

}  // namespace ropewalk::ratelimit
