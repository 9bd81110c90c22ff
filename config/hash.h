// Content hashes of resources.
#pragma once

#include "ropewalk/config/v1/config.pb.h"

#include <string>

namespace ropewalk::config {

// SHA-256 (hex) over the deterministic serialisation of `resource` without name, hash and origins.
std::string content_hash(const v1::Resource& resource);

}  // namespace ropewalk::config
