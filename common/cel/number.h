// Numbers and texts as Go's strconv and fmt turn them into each other. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::cel {

std::string general_text(double value);  // %g: 1e+06, 0.5
std::string fixed_text(double value);    // %f, as many digits as it takes
std::optional<std::int64_t> read_integer(std::string_view text);
std::optional<std::uint64_t> read_uinteger(std::string_view text);
std::optional<double> read_double(std::string_view text);
std::optional<bool> read_boolean(std::string_view text);

}  // namespace ropewalk::cel
