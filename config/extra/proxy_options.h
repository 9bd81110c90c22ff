// What extra_config.proxy says about shaping answers and the size of requests, as it travels in the
// model (extra_config "proxy", JSON text). Pure.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

struct FlatmapStep {
  std::string type;                    // move, append, del, or "none": nothing happens
  std::vector<std::string> arguments;  // dot paths; of move and append exactly two
};

struct StaticAnswer {
  std::string strategy;  // always, success, errored, complete, incomplete
  std::string data;      // a JSON object; numbers as KrakenD prints them
};

struct ProxyOptions {
  std::vector<FlatmapStep> flatmap;  // not empty: allow, deny and mapping do not count
  std::optional<StaticAnswer> fixed;
  std::uint64_t max_payload = 0;  // bytes of a request's body; 0: no limit of this name
};

std::string to_text(const ProxyOptions& options);  // "" when nothing is set
// Of what to_text wrote. Errors: Kind::config.
Result<ProxyOptions> parse_proxy(std::string_view text);

}  // namespace ropewalk::config
