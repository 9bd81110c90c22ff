// One part of a route -> a Backend resource. Pure; internal to the translator.
#pragma once

#include "controller/translate/state.h"

#include "config/warning.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller {

// "backend/<host> <METHOD> <path>#<namespace>/<service>[/<key>]" for an endpoint's name.
std::string backend_name(const std::string& endpoint_name, const ServiceState& service,
                         const PartSpec& part);

// `notices` receives what has no effect; an unknown key is an error.
std::expected<config::v1::Backend, Problem> make_backend(const Options& options, const Route& route,
                                                         const ServiceState& service,
                                                         const PartSpec& part,
                                                         std::vector<std::string>& notices);

// Stands for a part that is held, on data planes that never had a good version: it has no host, so
// that the route gives its partial answer.
config::v1::Backend absent_backend(const Route& route, const ServiceState& service);
inline constexpr const char* kNoHosts = "hosts/none";

bool is_safe(std::string_view method);  // RFC 9110, 9.2.1

// Where config/ says its errors: `path` for flat keys, turned into the annotation's name.
inline constexpr const char* kFlatPath = "@";
std::string with_annotation_names(const std::string& text, bool of_part);
// Splits warnings: what is unknown is an error, the rest goes to `notices`.
std::optional<Problem> judge(const std::vector<config::Warning>& warnings, bool of_part,
                             std::vector<std::string>& notices);

}  // namespace ropewalk::controller
