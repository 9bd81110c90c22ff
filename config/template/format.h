// Go's fmt.Sprintf and quoting for template values. Pure.
#pragma once

#include "config/template/value.h"

#include <span>
#include <string>
#include <string_view>

namespace ropewalk::config::templates {

// Mistakes show in the text as in Go: "%!d(string=x)", "%!s(MISSING)", "%!(EXTRA int=2)". Widths
// and precisions beyond 10,000 count as none.
std::string format(std::string_view form, std::span<const Value> arguments);
// strconv.Quote.
std::string in_quotes(std::string_view text);

}  // namespace ropewalk::config::templates
