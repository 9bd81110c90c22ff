#include "config/path.h"
#include "config/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(EndpointPath, BecomesTheModelsPath) {
  struct Row {
    const char* text;
    RestRule rule;
    const char* path;
  };
  const Row table[] = {
      {"/orders", RestRule::strict, "/orders"},
      {"orders", RestRule::strict, "/orders"},
      {"//dbl", RestRule::strict, "/dbl"},
      {"/a//b/./c/../d/", RestRule::strict, "/a/b/d/"},
      {"/..", RestRule::strict, "/"},
      {"", RestRule::strict, "/"},
      {"/", RestRule::strict, "/"},
      {"/items/", RestRule::strict, "/items/"},
      {"/users/{id}", RestRule::strict, "/users/{id}"},
      {"/s/{shop-id}/p/{product_id}/{v2}", RestRule::strict, "/s/{shop-id}/p/{product_id}/{v2}"},
      {"/twice/{id}/and/{id}", RestRule::strict, "/twice/{id}/and/{id}"},
      // Text after a placeholder belongs to the parameter's name, in both modes.
      {"/files/{name}.json", RestRule::strict, "/files/:name.json"},
      {"/files/{name}.json", RestRule::disabled, "/files/:name.json"},
      // What is no whole segment of plain characters is text.
      {"/file-{id}", RestRule::strict, "/file-{id}"},
      {"/users/{user.id}", RestRule::strict, "/users/{user.id}"},
      {"/a{", RestRule::strict, "/a{"},
      {"/file-{id}", RestRule::disabled, "/file-:id"},
      {"/users/{user.id}", RestRule::disabled, "/users/:user.id"},
      {"/docs/v{n}/x", RestRule::disabled, "/docs/v:n/x"},
      // The router's own syntax, undocumented in KrakenD.
      {"/orders:cancel", RestRule::strict, "/orders:cancel"},
      {"/users/:id", RestRule::strict, "/users/{id}"},
      {"/files/*", RestRule::strict, "/files/*"},
      {"/*", RestRule::strict, "/*"},
      {"/__healthz", RestRule::strict, "/__healthz"},
      {"/a/__debug2/b", RestRule::strict, "/a/__debug2/b"},
      {"/pct%20x", RestRule::strict, "/pct%20x"},
  };
  for (const Row& row : table) {
    const auto parsed = parse_endpoint_path(row.text, row.rule);
    ASSERT_TRUE(parsed) << row.text << ": " << parsed.error().message;
    EXPECT_EQ(parsed->path, row.path) << row.text;
    EXPECT_EQ(parsed->wildcard, parsed->path.ends_with("/*")) << row.text;
  }
}

TEST(EndpointPath, TellsWhichNamesBackendsMayUse) {
  EXPECT_THAT(parse_endpoint_path("/t/{a}/u/{b}/{a}", RestRule::strict)->parameters,
              ElementsAre("a", "b"));
  EXPECT_THAT(parse_endpoint_path("/files/{name}.json", RestRule::strict)->parameters,
              ElementsAre("name"));
  EXPECT_THAT(parse_endpoint_path("/file-{id}", RestRule::strict)->parameters, ElementsAre());
  EXPECT_THAT(parse_endpoint_path("/file-{id}", RestRule::disabled)->parameters, ElementsAre("id"));
  EXPECT_THAT(parse_endpoint_path("/users/:id", RestRule::strict)->parameters, ElementsAre());
}

TEST(EndpointPath, RefusesWhatCannotBeRouted) {
  const std::pair<const char*, const char*> table[] = {
      {"/__debug", "reserved"},
      {"/__debug/", "reserved"},
      {"/__echo/orders", "reserved"},
      {"/shop/__health", "reserved"},
      {"/files/*path", "'*'"},
      {"/a*", "'*'"},
      {"/*/b", "'*'"},
      {"/a:b:c", "one parameter"},
      {"/a/:", "needs a name"},
  };
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_endpoint_path(text, RestRule::strict);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(expected)) << text;
  }
  EXPECT_FALSE(parse_endpoint_path("/{a}{b}", RestRule::disabled));
  EXPECT_FALSE(parse_endpoint_path("/{a:b}", RestRule::disabled));
}

TEST(PathIdentity, ForgetsNamesButNotText) {
  EXPECT_EQ(path_identity("/users/{id}/x"), "/users/{}/x");
  EXPECT_EQ(path_identity("/users/:user.id/x"), "/users/{}/x");
  EXPECT_EQ(path_identity("/orders:cancel"), "/orders{}");
  EXPECT_EQ(path_identity("/file-{id}"), "/file-{id}");
  EXPECT_EQ(path_identity("/users/{user.id}"), "/users/{user.id}");
  EXPECT_EQ(path_identity("/files/*"), "/files/*");
  EXPECT_EQ(path_identity("/"), "/");
}

TEST(UrlPattern, GetsOneLeadingSlash) {
  EXPECT_EQ(*parse_url_pattern("", {}), "/");
  EXPECT_EQ(*parse_url_pattern("echo/orders", {}), "/echo/orders");
  EXPECT_EQ(*parse_url_pattern("//echo//orders", {}), "/echo//orders");
  EXPECT_EQ(*parse_url_pattern("/echo/{id}?s={id}", {"id"}), "/echo/{id}?s={id}");
}

TEST(UrlPattern, TakesOnlyTheEndpointsParameters) {
  for (const char* text : {"/{JWT.sub}", "/{resp0_id}", "/{resp12_a.b}", "/{}", "/{a b}"})
    EXPECT_TRUE(parse_url_pattern(text, {})) << text;
  for (const char* text : {"/{id}", "/x?id={uid}", "/{jwt.sub}", "/{resp_id}", "/{resp0}",
                           "/{Resp0_id}", "/{JWT.}", "/{resp0_}", "/{user.id}"})
    EXPECT_FALSE(parse_url_pattern(text, {"Id"})) << text;
  EXPECT_EQ(parse_url_pattern("/{uid}", {"id", "name"}).error().message,
            "{uid} is not a parameter of the endpoint, which has {id}, {name}");
}

TEST(RouteTable, RefusesTwins) {
  RouteTable routes;
  ASSERT_TRUE(routes.add("GET", "/orders", "endpoints[0]"));
  EXPECT_TRUE(routes.add("POST", "/orders", "endpoints[1]"));
  EXPECT_TRUE(routes.add("GET", "/Orders", "endpoints[2]"));
  EXPECT_TRUE(routes.add("GET", "/orders/", "endpoints[3]"));
  const auto twin = routes.add("GET", "/orders", "endpoints[4]");
  ASSERT_FALSE(twin);
  EXPECT_EQ(twin.error().message, "the route GET /orders is given already in endpoints[0]");
}

TEST(RouteTable, RefusesTwoNamesInOnePosition) {
  RouteTable routes;
  ASSERT_TRUE(routes.add("GET", "/users/{id}/orders", "endpoints[0]"));
  EXPECT_TRUE(routes.add("GET", "/users/{id}/bills", "endpoints[1]"));
  EXPECT_TRUE(routes.add("GET", "/users/me", "endpoints[2]"));
  EXPECT_TRUE(routes.add("POST", "/users/{name}", "endpoints[3]"));
  EXPECT_TRUE(routes.add("GET", "/users/v:n", "endpoints[4]"));
  EXPECT_FALSE(routes.add("GET", "/users/{name}/carts", "endpoints[5]"));
  EXPECT_FALSE(routes.add("GET", "/users/v:m", "endpoints[6]"));
  EXPECT_TRUE(routes.add("GET", "/users/{na.me}", "endpoints[7]"));
}

}  // namespace
}  // namespace ropewalk::config
