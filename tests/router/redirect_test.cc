#include "tests/router/routes.h"

#include <gtest/gtest.h>

namespace ropewalk::router {
namespace {

struct Case {
  std::vector<std::string> routes;
  const char* request;
  const char* slash;  // redirect_trailing_slash
  const char* fixed;  // redirect_fixed_path
};

class Redirects : public testing::TestWithParam<Case> {};

TEST_P(Redirects, AreThoseOfGin) {
  std::vector<Router::Problem> problems;
  const Router router = Router::build(make_routes(GetParam().routes), problems);
  ASSERT_TRUE(problems.empty());
  const Route request = make_route(GetParam().request, 0);
  const std::string host = request.hostnames.empty() ? "any" : request.hostnames.front();
  EXPECT_EQ(router.redirect_trailing_slash(host, request.method, request.path), GetParam().slash)
      << GetParam().request;
  EXPECT_EQ(router.redirect_fixed_path(host, request.method, request.path), GetParam().fixed)
      << GetParam().request;
}

const std::vector<std::string> kSlash = {"GET /orders",        "POST /orders", "GET /users/{id}",
                                         "DELETE /users/{id}", "GET /items/",  "GET /v1/{a}/b/"};

INSTANTIATE_TEST_SUITE_P(
    TrailingSlash, Redirects,
    testing::Values(
        Case{kSlash, "GET /orders/", "/orders", "/orders"},
        Case{kSlash, "POST /orders/", "/orders", "/orders"}, Case{kSlash, "HEAD /orders/", "", ""},
        Case{kSlash, "PUT /orders/", "", ""}, Case{kSlash, "GET /users/7/", "/users/7", "/users/7"},
        Case{kSlash, "DELETE /users/7/", "/users/7", "/users/7"},
        Case{kSlash, "GET /users/M%C3%BCller%20A/", "/users/M%C3%BCller%20A",
             "/users/M%C3%BCller%20A"},
        Case{kSlash, "GET /items", "/items/", "/items/"},
        Case{kSlash, "GET /v1/x/b", "/v1/x/b/", "/v1/x/b/"}, Case{kSlash, "GET /none/", "", ""},
        Case{kSlash, "GET /orders//", "", "/orders"}, Case{kSlash, "POST /items", "", ""},
        Case{kSlash, "GET /ORDERS", "", "/orders"}, Case{kSlash, "GET //orders", "", "/orders"},
        Case{kSlash, "GET /a/../orders", "", "/orders"},
        Case{kSlash, "GET /./orders", "", "/orders"},
        Case{kSlash, "GET /users/7%2F..%2F..%2Forders", "", "/orders"},
        Case{kSlash, "GET /", "", ""}));

// What gin recommends though it leads nowhere: KrakenD's clients are redirected to a 404.
const std::vector<std::string> kOrders = {"GET /users/{id}", "GET /users/{id}/orders",
                                          "GET /admin"};

INSTANTIATE_TEST_SUITE_P(
    Recorded, Redirects,
    testing::Values(
        Case{kOrders, "GET /users/%2F", "/users/", ""},
        Case{{"GET /users/{id}/orders", "GET /users/{id}/bills"}, "GET /users/7/", "/users/7", ""},
        Case{kOrders, "GET /users///orders", "", "/users/orders"},
        Case{kOrders, "GET /users/x%2f%2e%2e%2f7", "", "/users/7"},
        Case{kOrders, "GET /users/7%2F..%2F..%2Fadmin", "", "/admin"}));

const std::vector<std::string> kTrees = {"GET /users/me", "POST /users/{id}", "PUT /users/{id}/"};

INSTANTIATE_TEST_SUITE_P(ByMethod, Redirects,
                         testing::Values(Case{kTrees, "PUT /users/me", "/users/me/", "/users/me/"},
                                         Case{kTrees, "GET /users/me/", "/users/me", "/users/me"},
                                         Case{kTrees, "GET /USERS/ME", "", "/users/me"},
                                         Case{kTrees, "POST /USERS/Me", "", "/users/Me"},
                                         Case{{"GET /users/{id}", "GET /users/me/"},
                                              "GET /users/me",
                                              "/users/me/",
                                              "/users/me/"}));

const std::vector<std::string> kPairs = {"GET /{a}/{b}", "GET /one", "GET /p/{x}/"};

INSTANTIATE_TEST_SUITE_P(
    DoubleSlashes, Redirects,
    testing::Values(Case{kPairs, "GET //shop.example/x/", "", "/shop.example/x"},
                    Case{kPairs, "GET ///shop.example/", "", ""},
                    Case{kPairs, "GET /%5Cshop.example/x/", "/%5Cshop.example/x",
                         "/%5Cshop.example/x"},
                    Case{kPairs, "GET /p//shop.example", "", "/p/shop.example/"},
                    Case{kPairs, "GET /one/%2e%2e//shop.example/", "", ""},
                    // Never another host (recorded case redirect-double-slash-host).
                    Case{{"GET /{a}/{b}"}, "GET //evil.example/", "/evil.example", ""},
                    Case{{"GET /{a}/{b}"}, "GET /%2Fevil.example/", "/evil.example", ""}));

INSTANTIATE_TEST_SUITE_P(Hosts, Redirects,
                         testing::Values(Case{{"GET h/a", "GET /b"}, "GET h/a/", "/a", "/a"},
                                         Case{{"GET h/a", "GET /b"}, "GET h/B", "", "/b"},
                                         Case{{"GET h/a", "GET /b"}, "GET other/a/", "", ""}));

INSTANTIATE_TEST_SUITE_P(Wildcards, Redirects,
                         testing::Values(Case{{"GET /files/*"}, "GET /files", "/files/", "/files/"},
                                         Case{{"GET /files/*"}, "GET /FILES/Ab", "", "/files/Ab"},
                                         Case{{"GET /f/{a}/*"}, "GET /f/x", "/f/x/", "/f/x/"}));

TEST(CleanPath, ResolvesWhatIsReadDecodedAndKeepsTheRest) {
  EXPECT_EQ(clean_path("//orders"), "/orders");
  EXPECT_EQ(clean_path("/users/./7"), "/users/7");
  EXPECT_EQ(clean_path("/a/../orders"), "/orders");
  EXPECT_EQ(clean_path("/orders//"), "/orders/");
  EXPECT_EQ(clean_path("/users/.."), "/");
  EXPECT_EQ(clean_path("/users/%2E%2E/7"), "/7");
  EXPECT_EQ(clean_path("/a%2F..%2Fb%20c"), "/b%20c");
  EXPECT_EQ(clean_path("/a/."), "/a/");
  EXPECT_EQ(clean_path("/../../x"), "/x");
  EXPECT_EQ(clean_path("/"), "/");
}

TEST(ToggleTrailingSlash, AddsOrRemovesOne) {
  EXPECT_EQ(toggle_trailing_slash("/a"), "/a/");
  EXPECT_EQ(toggle_trailing_slash("/a//"), "/a/");
  EXPECT_EQ(toggle_trailing_slash("/"), "//");
}

}  // namespace
}  // namespace ropewalk::router
