// Weakly typed numbers and booleans, as KrakenD's decoder reads them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace ropewalk::config {

// Numbers (fractions are cut), booleans as 1 and 0, texts as Go writes integers (decimal, 0x, 0o,
// 0b, underscores between digits; "" is 0). Nothing for everything else.
std::optional<std::int64_t> weak_integer(const nlohmann::json& value);
// Booleans, numbers (not 0), texts 1 t T TRUE true True 0 f F FALSE false False and "".
std::optional<bool> weak_boolean(const nlohmann::json& value);
// A number as a text value: 42 -> "42", 1.5 -> "1.5".
std::string number_text(const nlohmann::json& number);

}  // namespace ropewalk::config
