// Short hand for the tables of the router's tests.
#pragma once

#include "dataplane/router/router.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::router {

// "GET /users/{id}" or "GET shop.example/users/{id}"; a path that ends in "/*" is a wildcard. The
// id is the position.
inline Route make_route(std::string_view text, std::uint32_t id) {
  Route route;
  const std::size_t blank = text.find(' ');
  const std::size_t slash = text.find('/', blank);
  route.method = text.substr(0, blank);
  if (slash > blank + 1) route.hostnames.emplace_back(text.substr(blank + 1, slash - blank - 1));
  route.path = text.substr(slash);
  route.wildcard = route.path.ends_with("/*");
  route.id = id;
  return route;
}

inline std::vector<Route> make_routes(const std::vector<std::string>& texts) {
  std::vector<Route> routes;
  for (const std::string& text : texts)
    routes.push_back(make_route(text, static_cast<std::uint32_t>(routes.size())));
  return routes;
}

// "3 a=b": the id and the parameters; "404", or "405 GET, POST".
inline std::string outcome(const Router& router, std::string_view host, std::string_view method,
                           std::string_view path) {
  const Match match = router.match(host, method, path);
  if (match.outcome == Match::Outcome::not_found) return "404";
  if (match.outcome == Match::Outcome::method_not_allowed) return "405 " + *match.allow;
  std::string text = std::to_string(match.id);
  for (std::size_t i = 0; i < match.parameter_count; ++i)
    text += " [" + std::string(match.parameters[i]) + "]";
  return text;
}

}  // namespace ropewalk::router
