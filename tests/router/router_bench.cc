#include "tests/router/routes.h"

#include <benchmark/benchmark.h>

namespace ropewalk::router {
namespace {

Router thousand_routes(bool hosts) {
  std::vector<std::string> texts;
  const char* kinds[] = {"GET /v1/%/items/{id}", "GET /v1/%/items", "POST /v1/%/items",
                         "GET /v2/%/{user}/orders/{order}", "DELETE /v1/%/items/{id}"};
  for (int i = 0; i < 200; ++i)
    for (std::string text : kinds) {
      text.replace(text.find('%'), 1, "service" + std::to_string(i));
      if (hosts) text.insert(text.find('/'), "h" + std::to_string(i % 10) + ".example");
      texts.push_back(text);
    }
  std::vector<Router::Problem> problems;
  return Router::build(make_routes(texts), problems);
}

void run(benchmark::State& state, bool hosts, std::string_view path) {
  const Router router = thousand_routes(hosts);
  for (auto _ : state) {
    const Match match = router.match("h7.example:8080", "GET", path);
    if (match.outcome != Match::Outcome::found) state.SkipWithError("not found");
    benchmark::DoNotOptimize(match);
  }
}

void BM_static(benchmark::State& state) { run(state, false, "/v1/service117/items"); }
void BM_one_parameter(benchmark::State& state) { run(state, false, "/v1/service117/items/4711"); }
void BM_two_parameters(benchmark::State& state) {
  run(state, false, "/v2/service117/ana/orders/4711");
}
void BM_hosts(benchmark::State& state) { run(state, true, "/v1/service117/items/4711"); }
void BM_encoded(benchmark::State& state) { run(state, false, "/v1/service117/items/a%20b"); }
BENCHMARK(BM_static);
BENCHMARK(BM_one_parameter);
BENCHMARK(BM_two_parameters);
BENCHMARK(BM_hosts);
BENCHMARK(BM_encoded);

}  // namespace
}  // namespace ropewalk::router
