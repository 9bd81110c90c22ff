// Finds the route of (host, method, path). Immutable once built; any thread may match.
//
// Hosts: exact, then one-label wildcard ("*.example.com"), then any; the most specific host that
// has a route decides. Paths: radix tree over segments; static before parameter before "/*" tail.
// Go's gin router is the model: see krakend-features.md section 1 (duplicate and conflicting
// routes) and 2 (redirect fixes, 405 and Allow).
#pragma once

#include "common/error.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::router {

struct Route {
  std::vector<std::string> hostnames;  // empty: any
  std::string method;                  // "*": any method
  std::string path;                    // "/users/{id}", or "/files/*" with wildcard
  bool wildcard = false;
  std::uint32_t id = 0;  // what match returns
};

inline constexpr std::size_t kMaxParameters = 32;

struct Match {
  enum class Outcome : std::uint8_t { found, not_found, method_not_allowed };
  Outcome outcome = Outcome::not_found;
  std::uint32_t id = 0;
  // Raw (still percent-encoded) segments in the order of the parameters in the path; the last one
  // is the tail of a wildcard route, without its leading slash.
  std::array<std::string_view, kMaxParameters> parameters;
  std::size_t parameter_count = 0;
  const std::string* allow = nullptr;  // value of Allow for method_not_allowed
};

class Router {
 public:
  // Routes that conflict are left out and named in `problems`, by id: duplicates of (host, method,
  // path without parameter names) and, as KrakenD's router refuses them, two parameter names in one
  // position. The first one given wins.
  struct Problem {
    std::uint32_t id;
    std::string message;
  };
  static Router build(const std::vector<Route>& routes, std::vector<Problem>& problems);

  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // `host` as in the Host field (port and case are ignored); `path` raw, starting with '/'.
  Match match(std::string_view host, std::string_view method, std::string_view path) const;

  // KrakenD's redirect fixes, asked when nothing matched: the path (raw) that has a route for this
  // method with a slash added or removed, or with case, "//", "." and ".." corrected; "" when there
  // is none.
  std::string redirect_trailing_slash(std::string_view host, std::string_view method,
                                      std::string_view path) const;
  std::string redirect_fixed_path(std::string_view host, std::string_view method,
                                  std::string_view path) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ropewalk::router
