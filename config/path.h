// KrakenD's endpoint paths and url_patterns (krakend-features.md section 1: strict REST paths,
// placeholder validation, endpoint path validation). Pure; any thread may call.
//
// Paths of the model: literal text as the decoded request path has it, `{name}` for a parameter. A
// parameter reaches to the end of its segment and may follow literal text ("/file-{id}"). A literal
// brace is doubled: "/file-{{id}}" matches the text /file-{id}.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

enum class RestRule : std::uint8_t {
  strict,    // a {param} is a whole segment; other braces are literal text
  disabled,  // disable_rest: a {param} may follow text in its segment
};

struct EndpointPath {
  std::string path;                     // of the model, "/users/{id}"
  bool wildcard = false;                // ends in "/*"
  std::vector<std::string> parameters;  // names that backends may use, as written
};

// Errors: what is wrong with the path, without its place in the document.
Result<EndpointPath> parse_endpoint_path(std::string_view text, RestRule rule);

// A path in the syntax of KrakenD's router ("/alive/:probe"), with one leading slash, as model
// path.
Result<std::string> parse_router_path(std::string_view text);

// "/users/{id}/x" -> "/users/{}/x": two paths with the same identity are the same route.
std::string path_identity(std::string_view model_path);

// url_pattern with one leading slash. Errors: a placeholder that the endpoint does not have;
// {respN_name} and {JWT.claim} are accepted everywhere.
Result<std::string> parse_url_pattern(std::string_view text,
                                      const std::vector<std::string>& parameters);

}  // namespace ropewalk::config
