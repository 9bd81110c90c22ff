#include "config/catch_all.h"

#include "tests/config/helpers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CatchAll, IsKnownByItsName) {
  EXPECT_TRUE(is_catch_all("/__catchall"));
  EXPECT_TRUE(is_catch_all("__catchall"));
  for (const char* other : {"", "/", "/__catchall/", "/x/__catchall", "/__catchall2"})
    EXPECT_FALSE(is_catch_all(other)) << other;
}

TEST(CatchAll, ItsPatternIsAPrefix) {
  const std::pair<const char*, const char*> table[] = {
      {"/", "/*"},  {"/old", "/old/*"},  {"/old/", "/old/*"},           {"/old/*", "/old/*"},
      {"/*", "/*"}, {"/?a=b", "/*?a=b"}, {"/old?a=b/*", "/old/*?a=b/*"}};
  for (const auto& [pattern, expected] : table) EXPECT_EQ(prefix_pattern(pattern), expected);
}

TEST(CatchAll, IsAlwaysEverythingAndWarnsAboutWhatSaysOtherwise) {
  const auto loaded = load(with_endpoint(R"({"endpoint":"/__catchall","method":"POST",
    "output_encoding":"json","input_headers":["X-A"],"input_query_strings":["*"],
    "backend":[{"url_pattern":"/","encoding":"no-op"}]})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::Resource* resource = find(*loaded, "endpoint/* * /__catchall");
  ASSERT_TRUE(resource);
  const v1::Endpoint& endpoint = resource->endpoint();
  EXPECT_EQ(endpoint.method(), "*");
  EXPECT_EQ(endpoint.output_encoding(), v1::ENCODING_NO_OP);
  EXPECT_THAT(endpoint.input_headers(), ElementsAre("*"));
  EXPECT_THAT(endpoint.input_query_strings(), ElementsAre("*"));
  const v1::Backend& backend = find(*loaded, endpoint.backends(0))->backend();
  EXPECT_EQ(backend.method(), "");
  EXPECT_EQ(backend.url_pattern(), "/*");
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].method"), HasSubstr("every method"));
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].output_encoding"), HasSubstr("always no-op"));
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].input_headers"), HasSubstr("everything"));
  EXPECT_EQ(loaded->warnings.size(), 3U);
}

TEST(CatchAll, ThereIsOne) {
  const std::string one = R"({"endpoint":"/__catchall","backend":[{"url_pattern":"/"}]})";
  EXPECT_THAT(message(load(with_endpoint(one + "," + one))), HasSubstr("is given already"));
  EXPECT_THAT(message(load(with_endpoint(
                  R"({"endpoint":"/__catchall","backend":[{"url_pattern":"/"},{}]})"))),
              HasSubstr("exactly one backend"));
}

// It would take the requests of every other Service.
TEST(CatchAll, IsNothingForAnnotations) {
  Defaults defaults;
  defaults.host_rule = HostRule::refuse;
  std::vector<Warning> warnings;
  const auto parsed = parse_endpoint(
      nlohmann::json::parse(R"({"endpoint":"/__catchall","backend":[{"url_pattern":"/"}]})"),
      defaults, "endpoints", warnings);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("the gateway's own file"));
}

}  // namespace
}  // namespace ropewalk::config
