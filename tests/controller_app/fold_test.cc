#include "controller/app/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::controller {
namespace {

using testing::HasSubstr;

ObjectStatus service(bool accepted = true) {
  return {.service = {"shop", "products"},
          .uid = "u1",
          .version = "v1",
          .accepted = accepted,
          .reason = accepted ? "Accepted" : "InvalidAnnotation",
          .message = accepted ? "GET /a" : "ropewalk.dev/timeout: expected a duration",
          .resources = {"backend/a#shop/products", "endpoint/a", "hosts/shop/products"}};
}

const HashesByName kDesired = {
    {"backend/a#shop/products", "b2"}, {"endpoint/a", "e2"}, {"hosts/shop/products", "h2"}};

NodeReport node(const std::string& id, const std::map<std::string, std::string>& applied) {
  return {.id = id, .gateway = "default", .connected = true, .complete = true, .applied = applied};
}

const std::map<std::string, std::string> kAll = kDesired;

struct Case {
  const char* name;
  bool accepted;
  std::vector<NodeReport> nodes;
  const char* status;
  const char* reason;
  const char* message;
};

TEST(Fold, Programmed) {
  NodeReport gone = node("c", {});
  gone.connected = false;
  NodeReport coming = node("c", {});
  coming.complete = false;
  NodeReport rejects = node("b", {{"backend/a#shop/products", "b2"}, {"endpoint/a", "e1"}});
  rejects.rejected["endpoint/a"] = {"e2", "two routes", true};
  NodeReport rejected_before = node("b", kAll);
  rejected_before.rejected["endpoint/a"] = {"e1", "an older version was bad", false};
  NodeReport other_addresses = node("a", kAll);
  other_addresses.applied["hosts/shop/products"] = "h1";
  NodeReport without_part = node("a", kAll);
  without_part.applied.erase("backend/a#shop/products");
  const Case cases[] = {
      {"no data plane", true, {}, "False", "NoDataPlane", "no data plane is connected"},
      {"only one that is gone", true, {gone}, "False", "NoDataPlane", "no data plane"},
      {"all",
       true,
       {node("a", kAll), node("b", kAll)},
       "True",
       "Programmed",
       "every data plane serves it ["},
      {"one that is gone does not count",
       true,
       {node("a", kAll), gone},
       "True",
       "Programmed",
       "every data plane serves it ["},
      {"one that is on its way does not count either",
       true,
       {node("a", kAll), coming},
       "True",
       "Programmed",
       "every data plane serves it ["},
      {"only one that is on its way",
       true,
       {coming},
       "False",
       "NoDataPlane",
       "no data plane has its first configuration yet"},
      {"one is behind",
       true,
       {node("a", kAll), node("b", {{"endpoint/a", "e1"}})},
       "False",
       "Pending",
       "1 of 2 data planes"},
      {"a part is missing", true, {without_part}, "False", "Pending", "0 of 1 data plane"},
      {"addresses change by themselves", true, {other_addresses}, "True", "Programmed", ""},
      {"one rejects",
       true,
       {node("a", kAll), rejects},
       "False",
       "Rejected",
       "two routes (an earlier version is served)"},
      {"a rejection of another version is over", true, {rejected_before}, "True", "Programmed", ""},
      {"held", false, {node("a", kAll)}, "False", "NotAccepted", "stays as it was"},
  };
  for (const Case& test : cases) {
    const Feedback out =
        fold({service(test.accepted)}, {}, kDesired, {}, test.nodes, Absence::is_said);
    ASSERT_EQ(out.statuses.size(), 1U);
    ASSERT_EQ(out.statuses[0].conditions.size(), 2U);
    const Condition& accepted = out.statuses[0].conditions[0];
    EXPECT_EQ(accepted.type, "ropewalk.dev/Accepted");
    EXPECT_EQ(accepted.status, test.accepted ? "True" : "False") << test.name;
    const Condition& programmed = out.statuses[0].conditions[1];
    EXPECT_EQ(programmed.type, "ropewalk.dev/Programmed");
    EXPECT_EQ(programmed.status, test.status) << test.name;
    EXPECT_EQ(programmed.reason, test.reason) << test.name;
    EXPECT_THAT(programmed.message, HasSubstr(test.message)) << test.name;
    EXPECT_THAT(programmed.message, HasSubstr(" [gateway default, version v1]")) << test.name;
  }
}

// A joiner whose owner is broken: the data planes' stand-in for the endpoint is no version of it,
// and neither is an endpoint that nobody has.
TEST(Fold, WhatIsHeldIsNotServed) {
  HashesByName without = kDesired;
  without.erase("endpoint/a");
  for (const HashesByName& desired : {kDesired, without}) {
    const Feedback out = fold({service()}, {}, desired, {"endpoint/a", "backend/x#shop/offers"},
                              {node("a", kAll)}, Absence::is_said);
    const Condition& programmed = out.statuses.at(0).conditions.at(1);
    EXPECT_EQ(programmed.status, "False");
    EXPECT_EQ(programmed.reason, "Pending");
    EXPECT_THAT(programmed.message, HasSubstr("endpoint/a is held"));
  }
  EXPECT_EQ(
      fold({service()}, {}, kDesired, {"hosts/shop/products"}, {node("a", kAll)}, Absence::is_said)
          .statuses.at(0)
          .conditions.at(1)
          .status,
      "True")
      << "addresses do not count";
}

TEST(Fold, PodsThatComeAndGoChangeNothing) {
  NodeReport coming = node("b", {});
  coming.complete = false;
  NodeReport gone = node("b", kAll);
  gone.connected = false;
  std::set<std::string> said;
  for (const std::vector<NodeReport>& nodes :
       {std::vector{node("a", kAll)}, std::vector{node("a", kAll), coming},
        std::vector{node("a", kAll), node("b", kAll)}, std::vector{node("a", kAll), gone}}) {
    const Feedback out = fold({service()}, {}, kDesired, {}, nodes, Absence::is_said);
    const Condition& programmed = out.statuses.at(0).conditions.at(1);
    said.insert(programmed.status + programmed.reason + programmed.message);
  }
  EXPECT_EQ(said.size(), 1U) << testing::PrintToString(said);
}

TEST(Fold, AnAbsenceThatIsUndecidedLeavesTheConditionAlone) {
  NodeReport coming = node("a", {});
  coming.complete = false;
  for (const std::vector<NodeReport>& nodes : {std::vector<NodeReport>{}, std::vector{coming}}) {
    const Feedback out = fold({service()}, {}, kDesired, {}, nodes, Absence::is_undecided);
    ASSERT_EQ(out.statuses.size(), 1U);
    ASSERT_EQ(out.statuses[0].conditions.size(), 1U);
    EXPECT_EQ(out.statuses[0].conditions[0].type, "ropewalk.dev/Accepted");
    EXPECT_THAT(out.statuses[0].undecided, testing::ElementsAre("ropewalk.dev/Programmed"));
  }
  const Feedback out = fold({service()}, {}, kDesired, {}, {node("a", {})}, Absence::is_undecided);
  EXPECT_EQ(out.statuses.at(0).conditions.at(1).reason, "Pending");
}

TEST(Fold, ARejectionIsAnEventBesideThoseOfTheTranslation) {
  NodeReport rejects = node("b", {});
  rejects.rejected["endpoint/a"] = {"e2", "two routes", false};
  const Event ignored{{"shop", "products"}, "u1", Severity::warning, "Ignored", "x has no effect"};
  const Feedback out =
      fold({service()}, {ignored}, kDesired, {}, {rejects, node("a", kAll)}, Absence::is_said);
  ASSERT_EQ(out.events.size(), 2U);
  EXPECT_EQ(out.events[0].reason, "Ignored");
  EXPECT_EQ(out.events[1].reason, "Rejected");
  EXPECT_EQ(out.events[1].message, "two routes (nothing is served)");
  EXPECT_TRUE(out.events[1].warning);
}

}  // namespace
}  // namespace ropewalk::controller
