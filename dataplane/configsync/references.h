// Which resources a resource names. Pure; any thread.
#pragma once

#include "ropewalk/config/v1/config.pb.h"

#include <string>
#include <vector>

namespace ropewalk::configsync {

struct References {
  std::vector<std::string> needed;  // cannot be served without: backends, the host set
  // Certificates: without one, its host names are not served over TLS, everything else is.
  std::vector<std::string> wanted;
};

References references_of(const config::v1::Resource& resource);

}  // namespace ropewalk::configsync
