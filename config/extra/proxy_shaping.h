// The parts of extra_config.proxy that shape answers: flatmap_filter and static. What KrakenD
// ignores is a warning; an operation that would end every request is refused. One thread.
#pragma once

#include "config/extra/proxy_options.h"
#include "config/reader.h"

#include <optional>
#include <vector>

namespace ropewalk::config {

// Of the block that `reader` reads; empty without operations.
std::vector<FlatmapStep> read_flatmap(Reader& reader);
std::optional<StaticAnswer> read_static(Reader& reader);

}  // namespace ropewalk::config
