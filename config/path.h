// KrakenD's endpoint paths and url_patterns. Pure; any thread may call.
//
// Paths of the model: "{name}" as a whole segment is a parameter, and so is ":name" from its colon
// to the end of the segment ("/file-:id", "/:name.json"); all else is literal text, braces
// included.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

// The path of the endpoint that takes every request without a route of its own (catch_all.h).
inline constexpr std::string_view kCatchAllPath = "/__catchall";

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

// Where the parameter of one segment of a model path begins, npos for none, and its name.
struct SegmentParameter {
  std::size_t at = std::string_view::npos;
  std::string_view name;
};
SegmentParameter segment_parameter(std::string_view segment);

// "/users/{id}/x" -> "/users/{}/x", "/file-:id" -> "/file-{}": two paths with the same identity are
// the same route.
std::string path_identity(std::string_view model_path);

// url_pattern with one leading slash. Errors: a placeholder that the endpoint does not have;
// {respN_name} and {JWT.claim} are accepted everywhere.
Result<std::string> parse_url_pattern(std::string_view text,
                                      const std::vector<std::string>& parameters);

// Whether a URL can be made of a url_pattern. Errors: control characters, a broken escape in the
// path.
Result<void> check_url(std::string_view pattern);

}  // namespace ropewalk::config
