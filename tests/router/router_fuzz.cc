// Routes and a path from the input: no crash, and what is found fits.
// Input: lines "METHOD path" of routes, then the line of the request.
#include "tests/router/naive.h"

#include <cstdlib>

using namespace ropewalk;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<router::Route> routes;
  std::string request;
  for (std::string_view line : split(input, '\n')) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || line.find('/', blank) == std::string_view::npos)
      continue;
    if (!request.empty() && routes.size() < 64)
      routes.push_back(router::make_route(request, static_cast<std::uint32_t>(routes.size())));
    request = line;
  }
  if (request.empty()) return 0;
  std::vector<router::Router::Problem> problems;
  const router::Router table = router::Router::build(routes, problems);
  const router::Route wanted = router::make_route(request, 0);
  const std::string host = wanted.hostnames.empty() ? "" : wanted.hostnames.front();
  const router::Match match = table.match(host, wanted.method, wanted.path);
  if (match.outcome == router::Match::Outcome::found) {
    if (match.id >= routes.size()) std::abort();
    const std::vector<std::string> names =
        router::parameter_names(routes[match.id].path, routes[match.id].wildcard);
    if (names.size() != match.parameter_count) std::abort();
    for (std::size_t i = 0; i < match.parameter_count; ++i)
      if (wanted.path.find(match.parameters[i]) == std::string::npos) std::abort();
  }
  for (const std::string& path : {table.redirect_trailing_slash(host, wanted.method, wanted.path),
                                  table.redirect_fixed_path(host, wanted.method, wanted.path),
                                  router::clean_path(wanted.path)})
    if (path.starts_with("//")) std::abort();
  return 0;
}
