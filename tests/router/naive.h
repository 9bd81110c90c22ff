// The router's meaning in the simplest words, for the property test and the fuzz target: routes and
// paths as lists of segments, compared one route at a time.
#pragma once

#include "common/strings.h"
#include "tests/router/routes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::router {

// The parameters, when `route` (segments "text" and "{name}" only, or a tail) fits `path`.
inline std::optional<std::vector<std::string>> naive_fit(const Route& route,
                                                         std::string_view path) {
  const auto wanted = split(std::string_view(route.path).substr(1), '/');
  const auto given = split(path.substr(1), '/');
  if (!route.wildcard && wanted.size() != given.size()) return std::nullopt;
  if (given.size() < wanted.size()) return std::nullopt;
  std::vector<std::string> parameters;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (route.wildcard && i + 1 == wanted.size()) {
      const auto at = static_cast<std::size_t>(given[i].data() - path.data());
      parameters.emplace_back(path.substr(at));
    } else if (wanted[i].starts_with('{')) {
      if (given[i].empty() && i + 1 == given.size()) return std::nullopt;
      parameters.emplace_back(given[i]);
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

// Static before parameter before tail, from the left.
inline bool naive_before(const Route& a, const Route& b) {
  const auto rank = [](std::string_view segment) {
    return segment == "*" ? 2 : segment.starts_with('{') ? 1 : 0;
  };
  const auto left = split(std::string_view(a.path).substr(1), '/');
  const auto right = split(std::string_view(b.path).substr(1), '/');
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    if (rank(left[i]) != rank(right[i])) return rank(left[i]) < rank(right[i]);
  return false;
}

// The best of all routes of that method that fit.
inline const Route* naive_match(const std::vector<Route>& routes, std::string_view method,
                                std::string_view path) {
  const Route* best = nullptr;
  for (const Route& route : routes)
    if (route.method == method && naive_fit(route, path) && (!best || naive_before(route, *best)))
      best = &route;
  return best;
}

}  // namespace ropewalk::router
