// Text to number as KrakenD's Lua reads it. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace ropewalk::lua {

// Where a function wants a number and gets a text: " 5 ", "0x1F", "1e2", "0b11", "1_000".
std::optional<double> parse_lua_number(std::string_view text);
// tonumber(text): digits of the base, or a fraction with a point; "1e2" is none.
std::optional<double> tonumber(std::string_view text);
// tonumber(text, base), 2 to 36.
std::optional<double> tonumber(std::string_view text, int base);

}  // namespace ropewalk::lua
