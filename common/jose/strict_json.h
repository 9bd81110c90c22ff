// JSON whose meaning two parsers could see differently is refused where somebody signed it. Pure;
// any thread. Errors: Kind::decode.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <string_view>

namespace ropewalk::jose {

// An object that names a member twice, at any level, is an error.
Result<json::Value> parse_unique(std::string_view text);

// The first value of `text`; what follows it does not matter.
Result<json::Value> parse_first(std::string_view text);

}  // namespace ropewalk::jose
