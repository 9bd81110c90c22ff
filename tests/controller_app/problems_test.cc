#include "controller/app/problems.h"
#include "controller/app/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<ReportedProblem> everything() {
  Translation translation;
  translation.held = {"endpoint/a", "backend/other"};
  translation.gateway_problems = {"default certificate: Secret a/b: does not exist"};
  translation.statuses = {
      {.service = {"shop", "bad"},
       .version = "v",
       .accepted = false,
       .reason = "InvalidAnnotation",
       .message = "ropewalk.dev/timeout: expected a duration",
       .resources = {"backend/a#shop/bad", "endpoint/a"}},
      {.service = {"shop", "good"}, .version = "v", .resources = {"endpoint/b"}},
      {.service = {"shop", "refused"}, .version = "v", .resources = {"endpoint/c"}}};
  NodeReport node{
      .id = "web-1", .connected = true, .complete = true, .applied = {{"endpoint/b", "1"}}};
  node.rejected["endpoint/c"] = {"1", "no such thing", true};
  const NodeReport gone{.id = "web-2"};
  const HashesByName hashes = {{"endpoint/b", "1"}, {"endpoint/c", "1"}};
  const Feedback feedback =
      fold(translation.statuses, {}, hashes, {}, {node, gone}, Absence::is_said);
  return list_problems(translation, feedback, {node, gone}, {{"shop.yaml document 2", "no kind"}},
                       "krakend.json:1:1: not JSON");
}

TEST(Problems, EverythingThatIsWrongAndNothingElse) {
  const auto problems = everything();
  ASSERT_EQ(problems.size(), 6U);
  EXPECT_EQ(problems[0].object, "shop.yaml document 2");
  EXPECT_EQ(problems[1].object, "gateway configuration");
  EXPECT_EQ(problems[2].object, "gateway");
  EXPECT_EQ(problems[3].object, "Service shop/bad");
  EXPECT_EQ(problems[3].reason, "InvalidAnnotation");
  EXPECT_THAT(problems[3].held, ElementsAre("endpoint/a"));
  EXPECT_EQ(problems[4].object, "Service shop/refused");
  EXPECT_EQ(problems[4].reason, "Rejected");
  EXPECT_THAT(problems[4].message, HasSubstr("no such thing"));
  EXPECT_EQ(problems[5].object, "data plane web-2");
}

TEST(Problems, TravelAsJson) {
  auto problems = everything();
  problems[0].message = "\"quotes\" and \xff";
  const auto back = problems_from_json(problems_to_json(problems));
  ASSERT_TRUE(back.has_value());
  problems[0].message = "\"quotes\" and \xEF\xBF\xBD";
  EXPECT_EQ(*back, problems);
  for (const char* text : {"", "[]", "{}", R"({"problems": [{}]})", R"({"problems": [1]})"})
    EXPECT_FALSE(problems_from_json(text).has_value()) << text;
}

TEST(Problems, Table) {
  EXPECT_EQ(problems_table({}), "no problems\n");
  EXPECT_EQ(
      problems_table({{"Service shop/bad", "Conflict", "x", {"endpoint/a"}}, {"b", "R", "y", {}}}),
      "OBJECT            REASON    MESSAGE\n"
      "Service shop/bad  Conflict  x\n"
      "                            held: endpoint/a\n"
      "b                 R         y\n");
}

TEST(Metrics, CountWhatIsThere) {
  Translation translation;
  translation.statuses = {{.accepted = true}, {.accepted = false}, {.accepted = false}};
  translation.held = {"a"};
  NodeReport connected{.id = "a", .connected = true};
  connected.rejected["x"] = {};
  const std::string text = render_metrics({.translations = 3,
                                           .translation_seconds = 0.5,
                                           .resources = 7,
                                           .gateway_config_rejected = true},
                                          translation, {connected, {.id = "b"}});
  for (const char* line :
       {"ropewalk_controller_translations_total 3\n",
        "ropewalk_controller_translation_seconds_total 0.5\n", "ropewalk_controller_resources 7\n",
        "ropewalk_controller_held_resources 1\n",
        "ropewalk_controller_services{accepted=\"true\"} 1\n",
        "ropewalk_controller_services{accepted=\"false\"} 2\n",
        "ropewalk_controller_data_planes{connected=\"true\"} 1\n",
        "ropewalk_controller_data_planes{connected=\"false\"} 1\n",
        "ropewalk_controller_rejected_resources 1\n", "ropewalk_controller_leading 1\n",
        "ropewalk_controller_gateway_config_rejected 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

}  // namespace
}  // namespace ropewalk::controller
