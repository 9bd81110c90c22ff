#include "tests/router/routes.h"

#include <gtest/gtest.h>

namespace ropewalk::router {
namespace {

struct RedirectCase {
  std::vector<std::string> routes;
  const char* request;
  const char* slash;  // redirect_trailing_slash
  const char* fixed;  // redirect_fixed_path
};

class Redirects : public testing::TestWithParam<RedirectCase> {};

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
    testing::Values(RedirectCase{kSlash, "GET /orders/", "/orders", "/orders"},
                    RedirectCase{kSlash, "POST /orders/", "/orders", "/orders"},
                    RedirectCase{kSlash, "HEAD /orders/", "", ""},
                    RedirectCase{kSlash, "PUT /orders/", "", ""},
                    RedirectCase{kSlash, "GET /users/7/", "/users/7", "/users/7"},
                    RedirectCase{kSlash, "DELETE /users/7/", "/users/7", "/users/7"},
                    RedirectCase{kSlash, "GET /users/M%C3%BCller%20A/", "/users/M%C3%BCller%20A",
                                 "/users/M%C3%BCller%20A"},
                    RedirectCase{kSlash, "GET /items", "/items/", "/items/"},
                    RedirectCase{kSlash, "GET /v1/x/b", "/v1/x/b/", "/v1/x/b/"},
                    RedirectCase{kSlash, "GET /none/", "", ""},
                    RedirectCase{kSlash, "GET /orders//", "", "/orders"},
                    RedirectCase{kSlash, "POST /items", "", ""},
                    RedirectCase{kSlash, "GET /ORDERS", "", "/orders"},
                    RedirectCase{kSlash, "GET //orders", "", "/orders"},
                    RedirectCase{kSlash, "GET /a/../orders", "", "/orders"},
                    RedirectCase{kSlash, "GET /./orders", "", "/orders"},
                    RedirectCase{kSlash, "GET /users/7%2F..%2F..%2Forders", "", "/orders"},
                    RedirectCase{kSlash, "GET /", "", ""}));

// What gin recommends though it leads nowhere: KrakenD's clients are redirected to a 404.
const std::vector<std::string> kOrders = {"GET /users/{id}", "GET /users/{id}/orders",
                                          "GET /admin"};

INSTANTIATE_TEST_SUITE_P(
    Recorded, Redirects,
    testing::Values(RedirectCase{kOrders, "GET /users/%2F", "/users/", ""},
                    RedirectCase{{"GET /users/{id}/orders", "GET /users/{id}/bills"},
                                 "GET /users/7/",
                                 "/users/7",
                                 ""},
                    RedirectCase{kOrders, "GET /users///orders", "", "/users/orders"},
                    RedirectCase{kOrders, "GET /users/x%2f%2e%2e%2f7", "", "/users/7"},
                    RedirectCase{kOrders, "GET /users/7%2F..%2F..%2Fadmin", "", "/admin"}));

const std::vector<std::string> kRedirectTrees = {"GET /users/me", "POST /users/{id}",
                                                 "PUT /users/{id}/"};

INSTANTIATE_TEST_SUITE_P(
    ByMethod, Redirects,
    testing::Values(RedirectCase{kRedirectTrees, "PUT /users/me", "/users/me/", "/users/me/"},
                    RedirectCase{kRedirectTrees, "GET /users/me/", "/users/me", "/users/me"},
                    RedirectCase{kRedirectTrees, "GET /USERS/ME", "", "/users/me"},
                    RedirectCase{kRedirectTrees, "POST /USERS/Me", "", "/users/Me"},
                    RedirectCase{{"GET /users/{id}", "GET /users/me/"},
                                 "GET /users/me",
                                 "/users/me/",
                                 "/users/me/"}));

const std::vector<std::string> kPairs = {"GET /{a}/{b}", "GET /one", "GET /p/{x}/"};

INSTANTIATE_TEST_SUITE_P(
    DoubleSlashes, Redirects,
    testing::Values(RedirectCase{kPairs, "GET //shop.example/x/", "", "/shop.example/x"},
                    RedirectCase{kPairs, "GET ///shop.example/", "", ""},
                    RedirectCase{kPairs, "GET /%5Cshop.example/x/", "/%5Cshop.example/x",
                                 "/%5Cshop.example/x"},
                    RedirectCase{kPairs, "GET /p//shop.example", "", "/p/shop.example/"},
                    RedirectCase{kPairs, "GET /one/%2e%2e//shop.example/", "", ""},
                    // Never another host (recorded case redirect-double-slash-host).
                    RedirectCase{{"GET /{a}/{b}"}, "GET //evil.example/", "/evil.example", ""},
                    RedirectCase{{"GET /{a}/{b}"}, "GET /%2Fevil.example/", "/evil.example", ""}));

INSTANTIATE_TEST_SUITE_P(
    Hosts, Redirects,
    testing::Values(RedirectCase{{"GET h/a", "GET /b"}, "GET h/a/", "/a", "/a"},
                    RedirectCase{{"GET h/a", "GET /b"}, "GET h/B", "", "/b"},
                    RedirectCase{{"GET h/a", "GET /b"}, "GET other/a/", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    Wildcards, Redirects,
    testing::Values(RedirectCase{{"GET /files/*"}, "GET /files", "/files/", "/files/"},
                    RedirectCase{{"GET /files/*"}, "GET /FILES/Ab", "", "/files/Ab"},
                    RedirectCase{{"GET /f/{a}/*"}, "GET /f/x", "/f/x/", "/f/x/"}));

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
