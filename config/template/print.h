// Values as Go prints them. Pure. Nesting is cut at kMaxPrintDepth, which only a value that holds
// itself reaches, and the text where it overdraws the budget: lists that hold one list twice print
// without end long before they are deep.
#pragma once

#include "config/template/budget.h"
#include "config/template/value.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace ropewalk::config::templates {

inline constexpr int kMaxPrintDepth = 100;

// fmt's %v: [1 x], map[k:1], <nil>, 1e+06.
std::string printed(const Value& value, Budget& budget);
// What {{ value }} writes: as above, "<no value>" for nil.
std::string written(const Value& value, Budget& budget);
// strconv.FormatFloat(value, verb, precision, 64); precision -1 is the shortest. Verbs e f g.
std::string float_text(double value, char verb, int precision);

// encoding/json: sorted keys; with `html`, < > & are escaped; `indent` "" is one line.
std::string to_json(const Value& value, bool html, std::string_view indent, Budget& budget);
// Numbers become float64, as in settings files.
Value from_json(const nlohmann::json& document, Heap& heap);

}  // namespace ropewalk::config::templates
