// Scalars of YAML as KrakenD's library writes them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ropewalk::codec {

// Whether a text would read as another type or break the document unless it is quoted.
bool yaml_needs_quotes(std::string_view text);
// Double quotes with escapes that YAML and JSON know.
std::string yaml_quoted(std::string_view text);
// A 64 bit float: 5.0, 1.5, 1e+06.
std::string yaml_float(double value);

}  // namespace ropewalk::codec
