// Dates in Go's layouts ("2006-01-02 15:04"), in UTC. Pure.
#pragma once

#include "config/template/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::config::templates {

std::string format_time(Time time, std::string_view layout);
// Nothing where the text does not follow the layout.
std::optional<Time> parse_time(std::string_view layout, std::string_view text);

}  // namespace ropewalk::config::templates
