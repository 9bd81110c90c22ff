// Random routes and paths against the naive matcher.
#include "tests/router/naive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace ropewalk::router {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  std::string_view word() {
    static constexpr std::string_view kWords[] = {"a", "ab", "abc", "b", "me", "m", "x", "users"};
    return kWords[below(std::size(kWords))];
  }
  Route route(std::uint32_t id, bool tails) {
    std::string path;
    const std::size_t segments = 1 + below(4);
    for (std::size_t i = 0; i < segments; ++i) {
      path += '/';
      if (below(3) == 0)
        path += "{p" + std::to_string(i) + "}";
      else
        path += word();
    }
    if (tails && below(4) == 0) path += "/*";
    return make_route((below(2) ? "GET " : "POST ") + path, id);
  }
  std::string path() {
    std::string result;
    const std::size_t segments = 1 + below(5);
    for (std::size_t i = 0; i < segments; ++i) {
      result += '/';
      if (below(8) != 0) result += word();
    }
    return result;
  }

 private:
  std::mt19937 random_;
};

// What is found is a route that fits, with its parameters; and where gin gives up (a slash lacks,
// or a parameter ended a branch), a less specific route fits.
TEST(Property, WhatIsFoundFitsAndIsTheBest) {
  std::size_t found = 0;
  std::size_t given_up = 0;
  for (unsigned seed = 0; seed < 800; ++seed) {
    Generator generator(seed);
    std::vector<Route> routes;
    const std::size_t count = 1 + generator.below(12);
    for (std::size_t i = 0; i < count; ++i)
      routes.push_back(generator.route(static_cast<std::uint32_t>(i), seed % 2 == 0));
    std::vector<Router::Problem> problems;
    const Router router = Router::build(routes, problems);
    std::erase_if(routes, [&](const Route& route) {
      return std::any_of(problems.begin(), problems.end(),
                         [&](const Router::Problem& problem) { return problem.id == route.id; });
    });
    for (int i = 0; i < 40; ++i) {
      const std::string path = generator.path();
      const Match match = router.match("", "GET", path);
      const Route* best = naive_match(routes, "GET", path);
      if (match.outcome != Match::Outcome::found) {
        given_up += best != nullptr;
        if (!best) continue;
        // gin gives up only where a more specific route shares the beginning.
        EXPECT_TRUE(std::any_of(routes.begin(), routes.end(),
                                [&](const Route& other) {
                                  return other.method == "GET" && naive_before(other, *best);
                                }))
            << "seed " << seed << " " << path;
        continue;
      }
      ++found;
      ASSERT_NE(best, nullptr) << "seed " << seed << " " << path;
      const auto route = std::find_if(routes.begin(), routes.end(),
                                      [&](const Route& r) { return r.id == match.id; });
      ASSERT_NE(route, routes.end());
      const auto parameters = naive_fit(*route, path);
      ASSERT_TRUE(parameters.has_value()) << "seed " << seed << " " << path << " " << route->path;
      ASSERT_EQ(parameters->size(), match.parameter_count);
      for (std::size_t p = 0; p < parameters->size(); ++p)
        EXPECT_EQ((*parameters)[p], match.parameters[p]);
      if (seed % 2 == 1) {  // without tails gin never takes the worse of two
        EXPECT_EQ(route->id, best->id) << "seed " << seed << " " << path;
      }
    }
  }
  EXPECT_GT(found, 1500u);
  EXPECT_LT(given_up, found / 10);
}

TEST(Property, EncodingAByteChangesNothingButTheRawParameters) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Generator generator(seed);
    std::vector<Route> routes;
    for (std::uint32_t i = 0; i < 8; ++i) routes.push_back(generator.route(i, true));
    std::vector<Router::Problem> problems;
    const Router router = Router::build(routes, problems);
    const std::string path = generator.path();
    std::string encoded = "/";
    for (char c : std::string_view(path).substr(1)) {
      if (generator.below(2)) {
        encoded += c;
      } else {
        char text[4];
        std::snprintf(text, sizeof text, "%%%02x", static_cast<unsigned>(c));
        encoded += text;
      }
    }
    const Match plain = router.match("", "GET", path);
    const Match other = router.match("", "GET", encoded);
    EXPECT_EQ(plain.outcome, other.outcome) << path << " " << encoded;
    EXPECT_EQ(plain.id, other.id);
    EXPECT_EQ(plain.parameter_count, other.parameter_count);
  }
}

}  // namespace
}  // namespace ropewalk::router
