#include "controller/kube/election.h"
#include "controller/kube/log_status.h"
#include "controller/kube/status_plan.h"
#include "controller/kube/status_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::controller::kube {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s +
                      std::chrono::microseconds(6);

Condition condition(std::string status, std::string reason = "R", std::string message = "m") {
  return {.type = "ropewalk.dev/Accepted",
          .status = std::move(status),
          .reason = std::move(reason),
          .message = std::move(message)};
}

Service service_with(std::vector<Condition> conditions) {
  Service out;
  out.meta = {.namespace_ = "n", .name = "s", .uid = "u", .resource_version = "7"};
  out.conditions = std::move(conditions);
  return out;
}

Condition written(Condition c, std::string time = "2025-01-01T00:00:00Z") {
  c.last_transition_time = std::move(time);
  return c;
}

TEST(Times, AsTheApiWritesThem) {
  EXPECT_EQ(to_rfc3339(kNow), "2026-01-02T03:04:05Z");
  EXPECT_EQ(to_rfc3339_micro(kNow), "2026-01-02T03:04:05.000006Z");
}

TEST(StatusPlan, NewConditionsCarryTheTimeAndGuardTheObject) {
  const auto patch = plan_status_patch(service_with({}), {condition("True")}, {}, kNow);
  ASSERT_TRUE(patch);
  EXPECT_EQ(json::parse(*patch), json::parse(R"({
    "metadata": {"uid": "u", "resourceVersion": "7"},
    "status": {"conditions": [{"type": "ropewalk.dev/Accepted", "status": "True", "reason": "R",
      "message": "m", "lastTransitionTime": "2026-01-02T03:04:05Z"}]}})"));
}

TEST(StatusPlan, EqualConditionsAreNotWritten) {
  Condition foreign = condition("False");
  foreign.type = "example.test/Other";
  EXPECT_FALSE(plan_status_patch(service_with({foreign, written(condition("True"))}),
                                 {condition("True")}, {}, kNow));
}

TEST(StatusPlan, TheTimeMovesOnlyWhenTheStatusFlips) {
  const Service current = service_with({written(condition("False"))});
  const auto entry = [&](const Condition& wanted) {
    const auto patch = plan_status_patch(current, {wanted}, {}, kNow);
    EXPECT_TRUE(patch);
    return json::parse(*patch)["status"]["conditions"][0];
  };
  EXPECT_EQ(entry(condition("False", "Other"))["lastTransitionTime"], "2025-01-01T00:00:00Z");
  EXPECT_EQ(entry(condition("False", "R", "other"))["lastTransitionTime"], "2025-01-01T00:00:00Z");
  EXPECT_EQ(entry(condition("True"))["lastTransitionTime"], "2026-01-02T03:04:05Z");
  Condition observed = condition("False");
  observed.observed_generation = 3;
  EXPECT_EQ(entry(observed)["observedGeneration"], 3) << "a new generation is written too";
}

TEST(StatusPlan, WithdrawnConditionsAreDeletedByType) {
  const Service current = service_with({written(condition("True"))});
  const auto patch = plan_status_patch(current, {}, {"ropewalk.dev/Accepted", "x"}, kNow);
  ASSERT_TRUE(patch);
  EXPECT_EQ(json::parse(*patch)["status"]["conditions"],
            json::parse(R"([{"$patch": "delete", "type": "ropewalk.dev/Accepted"}])"));
  EXPECT_FALSE(plan_status_patch(service_with({}), {}, {"ropewalk.dev/Accepted"}, kNow));
  EXPECT_FALSE(plan_status_patch(current, {condition("True")}, {"ropewalk.dev/Accepted"}, kNow));
}

TEST(StatusPlan, LongMessagesAreCutBetweenCharacters) {
  EXPECT_EQ(shortened(std::string(1024, 'a')).size(), 1024u);
  std::string text = std::string(1020, 'a') + "\u20ac\u20ac\u20ac";
  EXPECT_EQ(shortened(text), std::string(1020, 'a') + "...");
  // A message that was cut is equal to itself the next time.
  const Condition wanted = condition("True", "R", std::string(5000, 'x'));
  const auto patch = plan_status_patch(service_with({}), {wanted}, {}, kNow);
  const std::string said = json::parse(*patch)["status"]["conditions"][0]["message"];
  EXPECT_FALSE(
      plan_status_patch(service_with({written(condition("True", "R", said))}), {wanted}, {}, kNow));
}

ServiceEvent event(std::string reason) {
  return {.service = {"n", "s"}, .uid = "u", .reason = std::move(reason), .message = "why"};
}

TEST(Events, BodyIsAnEventsV1Event) {
  const json body = json::parse(event_body(event("InvalidAnnotation"), "pod-1", kNow));
  EXPECT_EQ(body["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(body["metadata"]["namespace"], "n");
  EXPECT_EQ(body["metadata"]["name"], event_name(event("InvalidAnnotation")));
  EXPECT_EQ(body["regarding"]["kind"], "Service");
  EXPECT_EQ(body["regarding"]["uid"], "u");
  EXPECT_EQ(body["type"], "Warning");
  EXPECT_EQ(body["note"], "why");
  EXPECT_EQ(body["eventTime"], "2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(body["reportingInstance"], "pod-1");
  EXPECT_NE(event_name(event("A")), event_name(event("B")));
}

TEST(Events, OncePerTransition) {
  EventLedger ledger;
  ledger.update({event("A"), event("B")});
  std::vector<std::string> told;
  while (const auto due = ledger.next()) {
    told.push_back(due->event.reason + std::to_string(due->occurrence));
    ledger.told(*due);
  }
  EXPECT_THAT(told, testing::ElementsAre("A1", "B1"));
  ledger.update({event("A")});
  EXPECT_FALSE(ledger.next());
  ledger.update({event("A"), event("B")});
  const auto again = ledger.next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->event.reason, "B");
  EXPECT_EQ(again->occurrence, 2);
  ledger.update({event("A")});
  ledger.update({event("A"), event("B")});
  ledger.told(*again);  // the write of the second time ends after the third began
  ASSERT_TRUE(ledger.next());
  EXPECT_EQ(ledger.next()->occurrence, 3);
  ledger.update({event("A")});
  EXPECT_FALSE(ledger.next()) << "what went away is not told any more";
}

TEST(StatusQueue, EachKeyOnceInOrder) {
  StatusQueue queue;
  const Time now{1h};
  EXPECT_FALSE(queue.due(now));
  queue.add({"n", "b"});
  queue.add({"n", "a"});
  queue.add({"n", "b"});
  EXPECT_EQ(queue.due(now), now);
  EXPECT_EQ(queue.take(now), (ObjectKey{"n", "b"}));
  EXPECT_EQ(queue.take(now), (ObjectKey{"n", "a"}));
  EXPECT_FALSE(queue.take(now));
  EXPECT_TRUE(queue.empty());
}

TEST(StatusQueue, FailuresWaitLongerEachTimeAndOthersGoOn) {
  StatusQueue queue;
  Time now{1h};
  const ObjectKey bad{"n", "bad"};
  for (const auto delay : {200ms, 400ms, 800ms, 1600ms}) {
    queue.failed(bad, now);
    queue.add(bad);  // does not jump its wait
    queue.add({"n", "good"});
    EXPECT_EQ(queue.take(now), (ObjectKey{"n", "good"}));
    EXPECT_FALSE(queue.take(now + delay - 1ms));
    EXPECT_EQ(queue.due(now), now + delay);
    now += delay;
    EXPECT_EQ(queue.take(now), bad);
  }
  for (int i = 0; i < 20; ++i) queue.failed(bad, now);
  EXPECT_EQ(queue.due(now), now + 60s);
  now += 60s;
  EXPECT_EQ(queue.take(now), bad);
  queue.succeeded(bad);
  queue.failed(bad, now);
  EXPECT_EQ(queue.due(now), now + 200ms);
}

TEST(StatusQueue, WhatIsNewDoesNotWaitForOldFailures) {
  StatusQueue queue;
  const Time now{1h};
  const ObjectKey key{"n", "a"};
  for (int i = 0; i < 5; ++i) queue.failed(key, now);
  queue.renew(key, now);
  EXPECT_EQ(queue.take(now + 100ms), key);
  EXPECT_FALSE(queue.has_failed(key));
  queue.failed(key, now);
  EXPECT_EQ(queue.due(now), now + 200ms);
}

TEST(StatusQueue, ChangesAreGatheredButNotForEver) {
  StatusQueue queue;
  Time now{1h};
  const ObjectKey key{"n", "a"};
  queue.renew(key, now);
  EXPECT_FALSE(queue.take(now + 99ms));
  queue.renew(key, now + 99ms);
  EXPECT_EQ(queue.due(now), now + 100ms) << "since the first change";
  EXPECT_EQ(queue.take(now + 100ms), key);
  EXPECT_TRUE(queue.empty());
}

TEST(SignedMessage, NamesItsGatewayHoweverLongItIs) {
  EXPECT_EQ(signed_message("why", "web", "1f"), "why [gateway web, version 1f]");
  const std::string cut = signed_message(std::string(5000, 'x'), "web", "1f");
  EXPECT_EQ(cut, shortened(cut)) << "is written whole";
  EXPECT_EQ(gateway_of(cut), "web");
  EXPECT_EQ(gateway_of("why [version 1f]"), "");
  EXPECT_EQ(gateway_of("says [gateway a, version 1] [gateway b, version 2]"), "b");
}

TEST(StatusQueue, OneHundredAtOnceThenOneHundredASecond) {
  StatusQueue queue;
  const Time start{1h};
  for (int i = 0; i < 300; ++i) queue.add({"n", std::to_string(i)});
  int at_once = 0;
  while (queue.take(start)) ++at_once;
  EXPECT_EQ(at_once, 100);
  EXPECT_EQ(queue.due(start), start + 10ms);
  int in_a_second = 0;
  for (Time now = start; now <= start + 1s; now += 1ms) {
    while (queue.take(now)) ++in_a_second;
  }
  EXPECT_EQ(in_a_second, 100);
}

class ElectionTest : public testing::Test {
 protected:
  template <class T>
  T expect() {
    const auto action = subject.next(now);
    EXPECT_TRUE(std::holds_alternative<T>(action)) << action.index();
    return std::holds_alternative<T>(action) ? std::get<T>(action) : T{};
  }
  LeaseRecord held_by(const std::string& holder, const std::string& version) {
    return {.holder = holder, .resource_version = version};
  }
  void wait() { now += expect<Election::Wait>().delay; }

  Time now{1h};
  Election subject{"me", [] { return 0.0; }};
};

TEST_F(ElectionTest, CreatesTheLeaseAndRenewsIt) {
  expect<Election::Read>();
  subject.on_read({}, now);
  const auto create = expect<Election::Write>();
  EXPECT_EQ(create.record.holder, "me");
  EXPECT_EQ(create.record.resource_version, "");
  EXPECT_FALSE(subject.leading(now));
  subject.on_written(held_by("me", "1"), now);
  EXPECT_TRUE(subject.leading(now));
  EXPECT_EQ(expect<Election::Wait>().delay, 2s);
  now += 2s;
  EXPECT_EQ(expect<Election::Write>().record.resource_version, "1");
  subject.on_written(held_by("me", "2"), now);
  EXPECT_TRUE(subject.leading(now + 9s));
  EXPECT_FALSE(subject.leading(now + 10s)) << "without renewal it ends before others may begin";
}

TEST_F(ElectionTest, WaitsForAnotherHolderByItsOwnClock) {
  expect<Election::Read>();
  subject.on_read(held_by("other", "1"), now);
  const Time seen = now;
  while (now - seen < 13s) {
    wait();
    expect<Election::Read>();
    subject.on_read(held_by("other", "1"), now);
  }
  subject.on_read(held_by("other", "2"), now);  // renewed: the wait begins anew
  for (int i = 0; i < 7; ++i) {
    wait();
    expect<Election::Read>();
    subject.on_read(held_by("other", "2"), now);
  }
  wait();
  expect<Election::Read>();
  subject.on_read(held_by("other", "2"), now);
  const auto write = expect<Election::Write>();
  EXPECT_EQ(write.record.resource_version, "2");
  EXPECT_EQ(write.record.transitions, 1);
}

TEST_F(ElectionTest, AnotherLeadsWhileItsLeaseLasts) {
  EXPECT_FALSE(subject.another_leads(now)) << "nobody has looked yet";
  subject.on_read(held_by("other", "1"), now);
  EXPECT_TRUE(subject.another_leads(now + 14s));
  subject.on_failure();  // the API server is away
  EXPECT_TRUE(subject.another_leads(now + 14s));
  EXPECT_FALSE(subject.another_leads(now + 15s));
  subject.on_read(held_by("", "2"), now);
  EXPECT_FALSE(subject.another_leads(now));
  subject.on_read(held_by("me", "3"), now);
  EXPECT_FALSE(subject.another_leads(now));
}

TEST_F(ElectionTest, AReleasedLeaseIsTakenAtOnce) {
  expect<Election::Read>();
  subject.on_read(held_by("", "5"), now);
  EXPECT_EQ(expect<Election::Write>().record.holder, "me");
  subject.on_written(held_by("me", "6"), now);
  const auto release = subject.release(now);
  ASSERT_TRUE(release);
  EXPECT_EQ(release->holder, "");
  EXPECT_EQ(release->resource_version, "6");
  EXPECT_EQ(release->duration_seconds, 1);
  EXPECT_FALSE(subject.release(now + 11s));
}

TEST_F(ElectionTest, AConflictReadsAndLosingStops) {
  expect<Election::Read>();
  subject.on_read({}, now);
  expect<Election::Write>();
  subject.on_written(held_by("me", "1"), now);
  wait();
  expect<Election::Write>();
  subject.on_failure();
  EXPECT_TRUE(subject.leading(now)) << "renewed two seconds ago";
  wait();
  expect<Election::Read>();
  subject.on_read(held_by("other", "2"), now);
  EXPECT_FALSE(subject.leading(now));
  EXPECT_FALSE(subject.release(now));
}

TEST(Lease, BodyAndBack) {
  const LeaseRecord record{
      .holder = "me", .transitions = 3, .acquire_time = "A", .resource_version = "9"};
  const auto back = parse_lease(lease_body(record, "ns", "name", kNow));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->holder, "me");
  EXPECT_EQ(back->duration_seconds, 15);
  EXPECT_EQ(back->transitions, 3);
  EXPECT_EQ(back->acquire_time, "A");
  EXPECT_EQ(back->renew_time, "2026-01-02T03:04:05.000006Z");
  EXPECT_EQ(back->resource_version, "9");
  EXPECT_EQ(json::parse(lease_body({.holder = "me"}, "ns", "name", kNow))["metadata"],
            json::parse(R"({"name": "name", "namespace": "ns"})"));
  EXPECT_FALSE(parse_lease("x"));
  EXPECT_FALSE(parse_lease("{}"));
}

TEST(LogStatus, OneLinePerTransition) {
  LogStatus sink;
  const auto lines = [&](const std::vector<Condition>& conditions) {
    testing::internal::CaptureStderr();
    sink.publish({{.service = {"n", "s"}, .uid = "u", .conditions = conditions}}, {event("A")});
    return testing::internal::GetCapturedStderr();
  };
  const std::string first = lines({condition("False", "InvalidAnnotation")});
  EXPECT_THAT(first, testing::HasSubstr("service=n/s"));
  EXPECT_THAT(first, testing::HasSubstr("reason=InvalidAnnotation"));
  EXPECT_THAT(first, testing::HasSubstr("service event"));
  EXPECT_EQ(lines({condition("False", "InvalidAnnotation")}), "");
  EXPECT_THAT(lines({condition("True", "Accepted")}), testing::HasSubstr("status=True"));
}

}  // namespace
}  // namespace ropewalk::controller::kube
