// The YAML or JSON text of an annotation -> JSON. Pure. The error says what is wrong and in which
// line; bounded in depth and number of values, because aliases make a small text large.
#pragma once

#include "common/error.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace ropewalk::controller {

Result<nlohmann::json> parse_yaml_value(std::string_view text);

}  // namespace ropewalk::controller
