// Conditions, Events and the Lease against a fake API server.
#include "tests/controller_kube/source_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;
using StatusWriting = SourceTest;

TEST_F(StatusWriting, StatusIsWrittenByTheHolderOfTheLease) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish({says("False", "first")}, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "first"; }));
  EXPECT_TRUE(source->leading());
  const json lease = cluster.object("leases", "infra", "gw-controller");
  EXPECT_EQ(lease["spec"]["holderIdentity"], "pod-1");
  // Other hands change it: it is put right.
  json changed = cluster.object("services", "shop", "a");
  changed["status"]["conditions"][0]["message"] = "forged";
  cluster.put("services", changed);
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "first"; }));
  source->status().publish({says("True", "second")}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "second"; }));
  source->status().publish({}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a").empty(); }));
  source->stop();
  EXPECT_EQ(cluster.object("leases", "infra", "gw-controller")["spec"]["holderIdentity"], "");
}

TEST_F(StatusWriting, WhoIsContradictedAnswersLaterEachTime) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  testing::internal::CaptureStderr();
  source->status().publish({says("True", "ours")}, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "ours"; }));
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < 4; ++round) {
    json changed = cluster.object("services", "shop", "a");
    changed["status"]["conditions"][0]["message"] = "theirs";
    cluster.put("services", changed);
    ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "ours"; }));
  }
  // 200, 400, 800 and 1,600 ms.
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(3000));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("gateway.name"));
  EXPECT_EQ(log.find("others write over"), log.rfind("others write over")) << "said once";
}

TEST_F(StatusWriting, AWatchThatIsBehindContradictsNobody) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ServiceStatus of_b = says("True", "b");
  of_b.service.name = "b";
  of_b.uid = "uid-b";
  const auto say = [&](const std::string& message) {
    source->status().publish({says("True", message), of_b}, {});
    return cluster.until([&] { return condition_of("a") == message; });
  };
  ASSERT_TRUE(say("first"));
  testing::internal::CaptureStderr();
  cluster.hold_watches("services");
  ASSERT_TRUE(say("second"));
  cluster.put("services", service_json("b", "/2"));
  ASSERT_TRUE(say("third"));
  // The Service that appeared shows that both were compared; of a the watch shows the second.
  cluster.release(2);
  EXPECT_TRUE(cluster.until([&] { return condition_of("b") == "b"; }));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(HasSubstr("others write over")));
}

TEST_F(StatusWriting, AConflictReadsAgain) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.conflict_once();
  source->status().publish({says("True", "wanted")}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "wanted"; }));
  EXPECT_GE(cluster.api().count("PATCH", "/services/a/status"), 2u);
  EXPECT_EQ(cluster.api().count("GET", "/namespaces/shop/services/a"), 1u);
}

TEST_F(StatusWriting, OneConflictAfterTheOtherIsNoFailure) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.conflicts(2);
  testing::internal::CaptureStderr();
  source->status().publish({says("True", "wanted")}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "wanted"; }));
  EXPECT_EQ(cluster.api().count("PATCH", "/services/a/status"), 3u);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(HasSubstr("cannot write")));
}

TEST_F(StatusWriting, AnOutageIsToldOnceAndLeavesNoWaits) {
  std::vector<ServiceStatus> wish;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "s" + std::to_string(i);
    cluster.put("services", service_json(name, "/" + name));
    wish.push_back(says("True", "first"));
    wish.back().service.name = name;
    wish.back().uid = "uid-" + name;
  }
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish(wish, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("s29") == "first"; }));
  testing::internal::CaptureStderr();
  cluster.api().stop();
  for (ServiceStatus& status : wish) status.conditions[0].message = "second";
  source->status().publish(wish, {});
  ASSERT_TRUE(cluster.until([&] { return !source->problems().empty(); }));
  cluster.api().start();
  EXPECT_TRUE(cluster.until([&] {
    return std::ranges::all_of(wish, [&](const ServiceStatus& status) {
      return condition_of(status.service.name) == "second";
    });
  }));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::Not(HasSubstr("cannot write status")));
  EXPECT_EQ(log.find("no status can be"), log.rfind("no status can be"));
}

TEST_F(StatusWriting, LeftoversOfThisGatewayGoAndThoseOfOthersStay) {
  const auto service = [](const std::string& name, const std::string& writer, bool annotated) {
    json out = service_json(name, "/" + name);
    if (annotated)
      out["metadata"]["annotations"]["ropewalk.dev/gateway"] = "another";
    else
      out["metadata"].erase("annotations");
    out["status"]["conditions"] = {{{"type", "ropewalk.dev/Accepted"},
                                    {"status", "True"},
                                    {"reason", "R"},
                                    {"message", signed_message("m", writer, "1f")}}};
    return out;
  };
  cluster.put("services", service("moved", "default", true));
  cluster.put("services", service("theirs", "another", true));
  cluster.put("services", service("left", "default", false));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish({}, {});
  EXPECT_TRUE(
      cluster.until([&] { return condition_of("moved").empty() && condition_of("left").empty(); }));
  EXPECT_FALSE(condition_of("theirs").empty());
}

TEST_F(StatusWriting, AServiceThatAnotherGatewayHasByNowKeepsItsWords) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("services", service_json("b", "/2"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ServiceStatus of_b = says("True", signed_message("b", "default", "1f"));
  of_b.service.name = "b";
  of_b.uid = "uid-b";
  source->status().publish({says("True", signed_message("a", "default", "1f")), of_b}, {});
  ASSERT_TRUE(
      cluster.until([&] { return !condition_of("a").empty() && !condition_of("b").empty(); }));
  cluster.conflict_once();  // what we see of it is old
  json changed = cluster.object("services", "shop", "a");
  const std::string theirs = signed_message("a", "another", "1f");
  changed["status"]["conditions"][0]["message"] = theirs;
  cluster.put("services", changed);
  source->status().publish({}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("b").empty(); }));
  EXPECT_EQ(condition_of("a"), theirs);
}

TEST_F(StatusWriting, AnUndecidedConditionStaysAsItIs) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ServiceStatus status = says("True", "first");
  source->status().publish({status}, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "first"; }));
  EXPECT_EQ(source->status().standing(), Standing::leads);
  status.undecided = {status.conditions[0].type};
  status.conditions[0].type = "ropewalk.dev/Programmed";
  source->status().publish({status}, {});
  ASSERT_TRUE(cluster.until(
      [&] { return cluster.object("services", "shop", "a")["status"]["conditions"].size() == 2; }));
  EXPECT_EQ(condition_of("a"), "first");
}

TEST_F(StatusWriting, WhoHasPublishedNothingDoesNotTakeTheLease) {
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ASSERT_TRUE(cluster.api().until([](const auto& requests) {
    return std::ranges::count_if(requests, [](const FakeRequest& r) {
             return r.target.find("/leases/gw-controller") != std::string::npos;
           }) >= 2;
  }));
  EXPECT_FALSE(source->leading());
  EXPECT_EQ(source->status().standing(), Standing::unclear);
  source->status().publish({}, {});
  ASSERT_TRUE(until([&] { return source->leading(); }));
}

TEST_F(StatusWriting, WhoDoesNotHoldTheLeaseWritesNothing) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("leases", {{"metadata", {{"namespace", "infra"}, {"name", "gw-controller"}}},
                         {"spec", {{"holderIdentity", "pod-2"}, {"leaseDurationSeconds", 15}}}});
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish({says("True", "m")}, {});
  ASSERT_TRUE(cluster.api().until([](const auto& requests) {
    return std::ranges::count_if(requests, [](const FakeRequest& r) {
             return r.target.find("/leases/") != std::string::npos;
           }) >= 2;
  }));
  EXPECT_FALSE(source->leading());
  EXPECT_EQ(source->status().standing(), Standing::stands_by);
  EXPECT_EQ(cluster.api().count("PATCH", ""), 0u);
}

TEST_F(StatusWriting, EventsAreWrittenOnce) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  const ServiceEvent event{
      .service = {"shop", "a"}, .uid = "uid-a", .reason = "Broken", .message = "why"};
  source->status().publish({}, {event});
  source->status().publish({}, {event});
  ASSERT_TRUE(cluster.until([&] { return cluster.all("events").size() == 1; }));
  EXPECT_EQ(cluster.all("events")[0]["note"], "why");
  source->status().publish({}, {});
  source->status().publish({}, {event});
  ASSERT_TRUE(cluster.until([&] { return cluster.all("events")[0].contains("series"); }));
  EXPECT_EQ(cluster.all("events")[0]["series"]["count"], 2);
  EXPECT_EQ(cluster.api().count("POST", "/events"), 2u) << "the second one met 409";
}

}  // namespace
}  // namespace ropewalk::controller::kube
