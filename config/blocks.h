// Blocks of extra_config that travel as text: each namespace's reader, by level. The text is what
// the data plane parses again; "" where a block has no effect. One thread.
#pragma once

#include "config/endpoint.h"
#include "config/extra.h"
#include "config/files.h"

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

struct BlockContext {
  Files* files = nullptr;  // null (annotations): a key that names a file is refused
  const std::vector<std::string>* parameters = nullptr;  // of the endpoint's path
  bool has_validator = false;                            // the endpoint has auth/validator
  std::string host;                        // of a backend: the URL of its first host, "" for none
  HostRule host_rule = HostRule::inherit;  // refuse: a key that chooses where calls go is refused
};

std::string read_block(Level level, std::string_view name, const ExtraValue& extra,
                       const BlockContext& context, Diagnostics& diagnostics);

}  // namespace ropewalk::config
