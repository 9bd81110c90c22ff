// JSON trees as YAML, as KrakenD writes it.
// Pure.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ropewalk::codec {

struct YamlWriting {
  std::size_t max_bytes = std::size_t{64} << 20;
  // Top-level keys whose objects are error details: their members keep their order, stand one level
  // deeper under `httpresponseerror`, and their numbers are plain.
  std::span<const std::string_view> details;
  // Top-level keys whose numbers are of the configuration: floats, 5 -> 5.0.
  std::span<const std::string_view> floats;
};

// A mapping in block style, keys sorted; null and an empty object are {}. Numbers of backends are
// texts: quoted, but for those with an exponent and no point. A text is quoted where it would read
// as something else, and stands as a literal block where it has line breaks. Errors:
// Kind::too_large, also when nested deeper than 2000 levels.
Result<std::string> encode_yaml(const json::Value& data, const YamlWriting& writing);

}  // namespace ropewalk::codec
