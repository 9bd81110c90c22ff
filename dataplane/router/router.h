// Finds the route of (host, method, path). Immutable once built; any thread may match.
//
// Hosts: exact, then one-label wildcard ("*.example.com"), then any; the most specific host that
// has a route for method and path decides. Paths: one radix tree per method; static before
// parameter before "/*" tail. Gin, KrakenD's router, is the model, with what its backtracking and
// its redirects do and do not find: an empty parameter matches in the middle of a path and not at
// its end, and a path that only lacks a slash is redirected even where a parameter would match.
//
// Paths are compared decoded: "%6F" is "o", and "%2F" separates segments.
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
  std::string method;                  // "*": any method but CONNECT and TRACE
  // "/users/{id}", or "/files/*" with wildcard. A parameter is "{name}" at the beginning of a
  // segment (letters, digits, - and _; what follows in the segment belongs to the name), or ':'
  // anywhere up to the next slash, as in KrakenD. Other braces are text.
  std::string path;
  bool wildcard = false;
  std::uint32_t id = 0;  // what match returns
};

inline constexpr std::size_t kMaxParameters = 32;
inline constexpr std::size_t kMaxMethods = 10;

// The names of a route's parameters in the order of Match::parameters; "*" for the tail.
std::vector<std::string> parameter_names(std::string_view path, bool wildcard);

// KrakenD's remove_extra_slash: "//", "." and ".." resolved (read decoded, returned raw). Match and
// redirect with the result.
std::string clean_path(std::string_view path);

// The raw path with a slash more or less at its end.
std::string toggle_trailing_slash(std::string_view path);

struct Match {
  enum class Outcome : std::uint8_t { found, not_found, method_not_allowed };
  // Not found or not allowed: the redirect fixes come first, where they are on.
  Outcome outcome = Outcome::not_found;
  std::uint32_t id = 0;
  // Raw (still percent-encoded) segments in the order of the parameters in the path; the last one
  // is the tail of a wildcard route, without its leading slash.
  std::array<std::string_view, kMaxParameters> parameters;
  std::size_t parameter_count = 0;
  const std::string* allow = nullptr;  // value of Allow for method_not_allowed
};

// The value of Location for a decoded path: escaped, and with one slash in front, since two would
// name another host.
std::string location(std::string path);

class Router {
 public:
  // Routes that conflict are left out and named in `problems`, by id: duplicates of (host, method,
  // path without parameter names) and, as KrakenD's router refuses them, two parameter names in one
  // position. The first one given wins. A method beats "*" on the same path, in any order. Left out
  // too: more than kMaxParameters parameters, two in one segment, one without a name, a '*' that is
  // not the end of a wildcard route, and more than kMaxMethods different methods.
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
  // method with a slash added or removed, or with case (ASCII), "//", "." and ".." corrected; ""
  // when there is none. Never begins with two slashes, which would name another host.
  std::string redirect_trailing_slash(std::string_view host, std::string_view method,
                                      std::string_view path) const;
  std::string redirect_fixed_path(std::string_view host, std::string_view method,
                                  std::string_view path) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ropewalk::router
