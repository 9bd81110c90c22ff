// extra_config.proxy of an endpoint or a backend -> what is done to answers. Pure.
#pragma once

#include "common/error.h"
#include "dataplane/compile/graph.h"

#include <google/protobuf/map.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::compile {

struct Shaping {
  std::vector<json::FlatmapOperation> flatmap;
  std::optional<FixedAnswer> fixed;
  std::uint64_t max_payload = 0;  // of requests; 0: no limit of this name
};

// Error (Kind::config): the text is not what config/ writes.
Result<Shaping> compile_shaping(const google::protobuf::Map<std::string, std::string>& extra);

}  // namespace ropewalk::compile
