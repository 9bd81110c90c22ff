#include "tests/router/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::router {
namespace {

struct Case {
  std::vector<std::string> routes;
  const char* request;  // "GET /path"; "GET host/path"
  const char* expected;
};

class Routing : public testing::TestWithParam<Case> {};

TEST_P(Routing, FindsWhatKrakendFinds) {
  std::vector<Router::Problem> problems;
  const Router router = Router::build(make_routes(GetParam().routes), problems);
  ASSERT_TRUE(problems.empty()) << problems.front().message;
  const Route request = make_route(GetParam().request, 0);
  const std::string host = request.hostnames.empty() ? "any.example" : request.hostnames.front();
  EXPECT_EQ(outcome(router, host, request.method, request.path), GetParam().expected)
      << GetParam().request;
}

const std::vector<std::string> kUsers = {"GET /users/{id}",
                                         "GET /users/me",
                                         "GET /users/{id}/orders",
                                         "GET /users/me/profile",
                                         "GET /users/{id}/orders/{n}",
                                         "GET /users/me/orders/last",
                                         "GET /{any}",
                                         "GET /u"};

INSTANTIATE_TEST_SUITE_P(
    Priority, Routing,
    testing::Values(Case{kUsers, "GET /users/me", "1"}, Case{kUsers, "GET /users/7", "0 [7]"},
                    Case{kUsers, "GET /users/me/orders", "2 [me]"},
                    Case{kUsers, "GET /users/me/profile", "3"},
                    Case{kUsers, "GET /users/7/profile", "404"},
                    Case{kUsers, "GET /users/me/orders/5", "4 [me] [5]"},
                    Case{kUsers, "GET /users/me/orders/last", "5"},
                    Case{kUsers, "GET /users/7/orders/last", "4 [7] [last]"},
                    Case{kUsers, "GET /users/mei", "0 [mei]"},
                    Case{kUsers, "GET /users/m", "0 [m]"}, Case{kUsers, "GET /users", "6 [users]"},
                    Case{kUsers, "GET /u", "7"}, Case{kUsers, "GET /user", "6 [user]"},
                    Case{kUsers, "GET /me", "6 [me]"},
                    Case{kUsers, "GET /users/me/profile/x", "404"}, Case{kUsers, "GET /", "404"}));

const std::vector<std::string> kShop = {"GET /users/{id}", "GET /users/{id}/orders",
                                        "GET /find/{q}", "GET /t/{tenant}/u/{user}", "GET /admin"};

INSTANTIATE_TEST_SUITE_P(
    EmptyAndEncoded, Routing,
    testing::Values(
        Case{kShop, "GET /users/", "404"}, Case{kShop, "GET /users//orders", "1 []"},
        Case{kShop, "GET /users///orders", "404"}, Case{kShop, "GET /t//u/x", "3 [] [x]"},
        Case{kShop, "GET /t/a/u/", "404"}, Case{kShop, "GET /users/%20", "0 [%20]"},
        Case{kShop, "GET /users/%2F", "404"}, Case{kShop, "GET /users/a%2Fb", "404"},
        Case{kShop, "GET /users/7%2Forders", "1 [7]"}, Case{kShop, "GET /users%2F7", "0 [7]"},
        Case{kShop, "GET /users%2f7%2forders", "1 [7]"},
        Case{kShop, "GET /%75sers/M%C3%BCller", "0 [M%C3%BCller]"},
        Case{kShop, "GET /users/a%252Fb", "0 [a%252Fb]"},
        Case{kShop, "GET /users/%25/orders", "1 [%25]"}, Case{kShop, "GET /users/50%", "0 [50%]"},
        Case{kShop, "GET /users/..", "0 [..]"}, Case{kShop, "GET /USERS/7", "404"}));

// gin does not come back from a parameter at the end of a branch, nor where a slash is all that
// lacks (the redirect answers then).
INSTANTIATE_TEST_SUITE_P(
    GivesUpAsGinDoes, Routing,
    testing::Values(Case{{"GET /users/{id}", "GET /{a}/{b}/{c}"}, "GET /users/7/x", "404"},
                    Case{{"GET /users/me/", "GET /users/{id}"}, "GET /users/me", "404"},
                    Case{{"GET /users/me/x", "GET /users/{id}"}, "GET /users/me", "1 [me]"},
                    Case{{"GET /a/{x}/b", "GET /{y}/c"}, "GET /a/c", "404"}));

const std::vector<std::string> kColon = {"POST /orders:cancel", "GET /users/:id/bills"};

INSTANTIATE_TEST_SUITE_P(
    Colon, Routing,
    testing::Values(Case{kColon, "POST /orders:cancel", "0 [:cancel]"},
                    Case{kColon, "POST /orders:approve", "0 [:approve]"},
                    Case{kColon, "POST /ordersX", "0 [X]"}, Case{kColon, "POST /orders", "404"},
                    Case{kColon, "GET /users/7/bills", "1 [7]"},
                    Case{kColon, "GET /users/:id/bills", "1 [:id]"},
                    Case{{"GET /file-:id", "GET /docs/v:n/x"}, "GET /docs/v2/x", "1 [2]"},
                    Case{{"GET /file-:id"}, "GET /file-", "404"}));

INSTANTIATE_TEST_SUITE_P(
    Braces, Routing,
    testing::Values(Case{{"GET /files/{name}.json"}, "GET /files/report", "0 [report]"},
                    Case{{"GET /file-{id}"}, "GET /file-7", "404"},
                    Case{{"GET /file-{id}"}, "GET /file-{id}", "0"},
                    Case{{"GET /{a.b}"}, "GET /{a.b}", "0"},
                    Case{{"GET /{a.b}"}, "GET /x", "404"}));

const std::vector<std::string> kMethods = {"GET /__health", "GET /orders", "POST /orders",
                                           "GET /users/{id}", "DELETE /users/{id}"};

INSTANTIATE_TEST_SUITE_P(
    Allow, Routing,
    testing::Values(Case{kMethods, "PUT /orders", "405 GET, POST"},
                    Case{kMethods, "HEAD /orders", "405 GET, POST"},
                    Case{kMethods, "OPTIONS /orders", "405 GET, POST"},
                    Case{kMethods, "get /orders", "405 GET, POST"},
                    Case{kMethods, "PROPFIND /orders", "405 GET, POST"},
                    Case{kMethods, "TRACE /orders", "405 GET, POST"},
                    Case{kMethods, "CONNECT /orders", "405 GET, POST"},
                    Case{kMethods, "PATCH /users/7", "405 GET, DELETE"},
                    Case{kMethods, "POST /__health", "405 GET"}, Case{kMethods, "PUT /no", "404"},
                    // The order of first registration of the methods, not of the path's routes.
                    Case{{"GET /a", "POST /b", "GET /b", "POST /a"}, "PUT /b", "405 GET, POST"},
                    Case{{"POST /a", "GET /b", "POST /b"}, "PUT /b", "405 POST, GET"}));

const std::vector<std::string> kTrees = {"GET /users/me", "POST /users/{id}", "PUT /users/{id}/"};

INSTANTIATE_TEST_SUITE_P(MethodTrees, Routing,
                         testing::Values(Case{kTrees, "GET /users/me", "0"},
                                         Case{kTrees, "POST /users/me", "1 [me]"},
                                         Case{kTrees, "GET /users/7", "405 POST"},
                                         Case{kTrees, "PUT /users/me/", "2 [me]"},
                                         Case{kTrees, "DELETE /users/me", "405 GET, POST"}));

const std::vector<std::string> kHosts = {"GET shop.example/orders",
                                         "GET *.example/orders",
                                         "GET /orders",
                                         "POST /orders",
                                         "GET *.example/wild/{x}",
                                         "GET /any",
                                         "PUT shop.example/orders",
                                         "GET [::1]/orders"};

INSTANTIATE_TEST_SUITE_P(
    Hosts, Routing,
    testing::Values(
        Case{kHosts, "GET shop.example/orders", "0"},
        Case{kHosts, "GET SHOP.Example:8080/orders", "0"},
        Case{kHosts, "GET shop.example./orders", "0"},
        Case{kHosts, "GET other.example/orders", "1"}, Case{kHosts, "GET a.b.example/orders", "2"},
        Case{kHosts, "GET .example/orders", "2"}, Case{kHosts, "GET x/orders", "2"},
        Case{kHosts, "GET [::1]:80/orders", "7"}, Case{kHosts, "POST shop.example/orders", "3"},
        Case{kHosts, "GET shop.example/wild/7", "4 [7]"}, Case{kHosts, "GET shop.example/any", "5"},
        Case{kHosts, "DELETE shop.example/orders", "405 GET, POST, PUT"},
        Case{kHosts, "DELETE x/orders", "405 GET, POST"},
        Case{{"GET shop.example/x"}, "GET other/x", "404"}));

const std::vector<std::string> kWild = {"GET /files/*",   "* /files/{a}/raw", "GET /files/list",
                                        "* /*",           "GET /{x}/{y}",     "POST /api/*",
                                        "* /api/{v}/a/*", "* /files/list"};

INSTANTIATE_TEST_SUITE_P(
    Wildcards, Routing,
    testing::Values(
        Case{kWild, "GET /files/list", "2"}, Case{kWild, "GET /files/a", "0 [a]"},
        Case{kWild, "GET /files/", "0 []"}, Case{kWild, "GET /files/a/b", "0 [a/b]"},
        Case{kWild, "GET /files/a/raw", "1 [a]"}, Case{kWild, "PUT /files/a/raw", "1 [a]"},
        Case{kWild, "PUT /files/list", "7"}, Case{kWild, "GET /files/a%2Fb%20c", "0 [a%2Fb%20c]"},
        Case{kWild, "GET /other/x", "4 [other] [x]"},
        Case{kWild, "GET /other/x/y", "3 [other/x/y]"}, Case{kWild, "POST /api/1/b", "5 [1/b]"},
        Case{kWild, "POST /api/1/a/z/", "6 [1] [z/]"}, Case{kWild, "DELETE /api/1", "3 [api/1]"},
        Case{kWild, "GET /", "3 []"},
        Case{kWild, "TRACE /x", "405 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
        Case{{"* /x"}, "CONNECT /x", "405 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}));

struct Refused {
  std::vector<std::string> routes;
  std::uint32_t id;
  const char* message;
};

class Conflicts : public testing::TestWithParam<Refused> {};

TEST_P(Conflicts, AreLeftOutAndNamed) {
  std::vector<Router::Problem> problems;
  const Router router = Router::build(make_routes(GetParam().routes), problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].id, GetParam().id);
  EXPECT_THAT(problems[0].message, testing::HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Routes, Conflicts,
    testing::Values(
        Refused{{"GET /a", "POST /a", "GET /a"}, 2, "GET /a: duplicate route"},
        Refused{{"GET /a/{x}", "GET /a/{x}"}, 1, "duplicate"},
        Refused{
            {"GET /a/{x}", "GET /a/{y}"}, 1, "parameter 'y' stands where another route has 'x'"},
        Refused{{"GET /a/{x}/b", "GET /a/{xy}/c"}, 1, "parameter 'xy'"},
        Refused{{"GET /files/*", "GET /files/*"}, 1, "duplicate"},
        Refused{{"GET h/a", "GET H/a"}, 1, "duplicate"}, Refused{{"* /a", "* /a"}, 1, "duplicate"},
        Refused{{"POST /orders:cancel", "POST /orders:approve"}, 1, "parameter 'approve'"},
        Refused{{"GET /a/:x:y"}, 0, "only one parameter"}, Refused{{"GET /a/:"}, 0, "needs a name"},
        Refused{{"GET /a*b"}, 0, "'*' is only allowed"}, Refused{{"GET /a*/*"}, 0, "'*'"}));

TEST(Router, DifferentNamesMayStandUnderDifferentMethodsAndHosts) {
  std::vector<Router::Problem> problems;
  const Router router = Router::build(
      make_routes({"GET /a/{x}", "POST /a/{y}", "GET h/a/{z}", "GET /b/{x}"}), problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(outcome(router, "h", "GET", "/a/1"), "2 [1]");
}

TEST(Router, LeavesOutTheSecondOfADuplicateAndServesTheFirst) {
  std::vector<Router::Problem> problems;
  const Router router = Router::build(make_routes({"GET /a", "GET /a"}), problems);
  EXPECT_EQ(outcome(router, "", "GET", "/a"), "0");
}

TEST(Router, TheEleventhMethodIsLeftOut) {
  std::vector<Route> routes;
  for (std::uint32_t i = 0; i < 11; ++i)
    routes.push_back(make_route("M" + std::to_string(i) + " /a", i));
  std::vector<Router::Problem> problems;
  const Router router = Router::build(routes, problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].id, 10u);
  EXPECT_EQ(outcome(router, "", "M9", "/a"), "9");
  EXPECT_EQ(outcome(router, "", "X", "/a"), "405 M0, M1, M2, M3, M4, M5, M6, M7, M8, M9");
}

TEST(Router, HoldsUpToThirtyTwoParameters) {
  std::string path = "GET ";
  for (int i = 0; i < 32; ++i) path += "/{p" + std::to_string(i) + "}";
  std::vector<Router::Problem> problems;
  const Router router = Router::build(make_routes({path, path + "/{more}"}), problems);
  ASSERT_EQ(problems.size(), 1u);
  std::string request;
  for (int i = 0; i < 32; ++i) request += "/" + std::to_string(i);
  const Match match = router.match("", "GET", request);
  ASSERT_EQ(match.parameter_count, 32u);
  EXPECT_EQ(match.parameters[31], "31");
}

TEST(Router, WithoutRoutesFindsNothing) {
  EXPECT_EQ(outcome(Router(), "h", "GET", "/"), "404");
  EXPECT_EQ(Router().redirect_trailing_slash("h", "GET", "/a/"), "");
  EXPECT_EQ(Router().redirect_fixed_path("h", "GET", "//a"), "");
}

TEST(ParameterNames, AreThoseOfThePath) {
  using testing::ElementsAre;
  EXPECT_THAT(parameter_names("/a/{id}/{x}.json/b:c/*", true),
              ElementsAre("id", "x.json", "c", "*"));
  EXPECT_THAT(parameter_names("/a/b-{id}", false), ElementsAre());
}

}  // namespace
}  // namespace ropewalk::router
