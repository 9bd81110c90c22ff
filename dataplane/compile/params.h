// Placeholders of url_patterns that no parameter of the path fills: {JWT.sub} (a claim),
// {input_headers.X-Tenant} (a field of the request), {resp0_user.id} (an earlier answer of a
// sequence). Pure.
#pragma once

#include "dataplane/compile/graph.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::compile {

// What `placeholder` (without braces) stands for; nullopt when it is none of these.
std::optional<DerivedParam> derived_param(std::string_view placeholder);

// As KrakenD keeps a name: first letter upper case.
std::string param_name(std::string_view name);

}  // namespace ropewalk::compile
