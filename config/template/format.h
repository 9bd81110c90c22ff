// Go's fmt.Sprintf and quoting for template values. Pure.
#pragma once

#include "config/template/budget.h"
#include "config/template/value.h"

#include <span>
#include <string>
#include <string_view>

namespace ropewalk::config::templates {

// Mistakes show in the text as in Go: "%!d(string=x)", "%!s(MISSING)", "%!(EXTRA int=2)". Widths
// and precisions beyond 10,000 count as none. The text is cut where it overdraws the budget.
std::string format(std::string_view form, std::span<const Value> arguments, Budget& budget);
// strconv.Quote.
std::string in_quotes(std::string_view text);

}  // namespace ropewalk::config::templates
