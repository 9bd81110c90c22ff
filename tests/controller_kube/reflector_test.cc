#include "controller/kube/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace ropewalk::controller::kube {
namespace {

using std::chrono::seconds;
using namespace std::chrono_literals;
using testing::HasSubstr;

Object service_at(const std::string& name, const std::string& version) {
  return *parse_object(
      ObjectKind::service,
      {{"metadata", {{"namespace", "n"}, {"name", name}, {"resourceVersion", version}}}});
}

// Plays the API server: every step says what was asked and answers.
class ReflectorTest : public testing::Test {
 protected:
  WatchAction expect_watch(const std::string& version, bool initial) {
    const Action action = reflector.next();
    const auto* watch = std::get_if<WatchAction>(&action);
    EXPECT_TRUE(watch) << "asked for alternative " << action.index();
    if (!watch) return {};
    EXPECT_EQ(watch->resource_version, version);
    EXPECT_EQ(watch->initial_events, initial);
    EXPECT_GE(watch->timeout, 300s);
    EXPECT_LE(watch->timeout, 600s);
    return *watch;
  }
  void expect_list(const std::string& version, const std::string& token = "", int limit = 0) {
    const Action action = reflector.next();
    const auto* list = std::get_if<ListAction>(&action);
    ASSERT_TRUE(list) << "asked for alternative " << action.index();
    EXPECT_EQ(list->resource_version, version);
    EXPECT_EQ(list->continue_token, token);
    EXPECT_EQ(list->limit, limit);
  }
  WaitAction expect_wait(Milliseconds least, Milliseconds most) {
    const Action action = reflector.next();
    const auto* wait = std::get_if<WaitAction>(&action);
    EXPECT_TRUE(wait) << "asked for alternative " << action.index();
    if (!wait) return {};
    EXPECT_GE(wait->delay, least);
    EXPECT_LE(wait->delay, most);
    now += wait->delay;
    return *wait;
  }

  Effect event(const std::string& name, const std::string& version,
               WatchEvent::Type type = WatchEvent::Type::upsert) {
    return reflector.on_event(
        {.type = type, .object = service_at(name, version), .resource_version = version}, now);
  }
  Effect bookmark(const std::string& version, bool end = false) {
    return reflector.on_event({.resource_version = version, .initial_events_end = end}, now);
  }
  Effect error_event(int code) {
    return reflector.on_event(
        {.type = WatchEvent::Type::error, .status = {.code = code, .reason = "Expired"}}, now);
  }
  void status(int code, std::string message = "m", std::optional<seconds> after = {}) {
    reflector.on_status({.code = code, .message = std::move(message), .retry_after = after}, now);
  }
  void connection_refused() {
    reflector.on_error({.kind = Kind::connect, .message = "connection refused"}, now);
  }
  ListPage page(std::vector<Object> items, const std::string& version, std::string token = "") {
    return {.items = std::move(items), .resource_version = version, .continue_token = token};
  }

  // A WatchList with one object, running at `version`.
  void run_watch(const std::string& version) {
    expect_watch("", true);
    reflector.on_watch_open(now);
    event("a", version);
    bookmark(version, true);
    now += 20s;
  }

  double random = 0.5;
  Reflector reflector{[this] { return random; }};
  Time now{1h};
};

TEST_F(ReflectorTest, WatchListReplacesAtTheBookmarkAndGoesOn) {
  expect_watch("", true);
  reflector.on_watch_open(now);
  EXPECT_EQ(event("a", "5").type, Effect::Type::none);
  EXPECT_EQ(event("b", "7").type, Effect::Type::none);
  EXPECT_EQ(event("b", "8").type, Effect::Type::none);
  EXPECT_EQ(event("c", "8").type, Effect::Type::none);
  EXPECT_EQ(event("c", "9", WatchEvent::Type::remove).type, Effect::Type::none);
  EXPECT_FALSE(reflector.synced());
  const Effect all = bookmark("9", true);
  EXPECT_EQ(all.type, Effect::Type::replace);
  ASSERT_EQ(all.objects.size(), 2u);
  EXPECT_EQ(meta_of(all.objects[0]).name, "a");
  EXPECT_EQ(meta_of(all.objects[1]).resource_version, "8");
  EXPECT_TRUE(reflector.synced());
  const Effect changed = event("a", "10");
  EXPECT_EQ(changed.type, Effect::Type::upsert);
  EXPECT_EQ(meta_of(changed.objects.at(0)).resource_version, "10");
  EXPECT_EQ(event("b", "11", WatchEvent::Type::remove).type, Effect::Type::remove);
  EXPECT_EQ(bookmark("15").type, Effect::Type::none);
  now += 300s;
  reflector.on_end(now);
  expect_watch("15", false);
}

TEST_F(ReflectorTest, AWatchListThatBreaksBeforeItsBookmarkIsNotContinued) {
  expect_watch("", true);
  reflector.on_watch_open(now);
  event("a", "5");
  reflector.on_end(now + 5s);
  expect_wait(100ms, 200ms);
  expect_watch("", true);
  reflector.on_watch_open(now);
  event("b", "6");
  const Effect all = bookmark("6", true);
  ASSERT_EQ(all.objects.size(), 1u);
  EXPECT_EQ(meta_of(all.objects[0]).name, "b");
}

TEST_F(ReflectorTest, RefusedWatchListFallsBackToLists) {
  for (const int code : {400, 422}) {
    Reflector fresh([this] { return random; });
    reflector = fresh;
    expect_watch("", true);
    status(code, "sendInitialEvents is forbidden");
    expect_list("0");
    const Effect all = reflector.on_page(page({service_at("a", "3")}, "4"), now);
    EXPECT_EQ(all.type, Effect::Type::replace);
    EXPECT_EQ(all.objects.size(), 1u);
    expect_watch("4", false);
    reflector.on_watch_open(now);
    EXPECT_EQ(error_event(410).close, true);
    expect_list("4");  // refused once, WatchList is not tried again
  }
}

TEST_F(ReflectorTest, ExpiredAndFutureVersionsOfAListLeadToPagesOfWhatIsInForce) {
  for (const int code : {410, 504}) {
    reflector = Reflector([this] { return random; });
    expect_watch("", true);
    status(422);
    expect_list("0");
    status(code, "Too large resource version: 9, current: 3", 1s);
    expect_list("", "", 500);
    EXPECT_EQ(reflector.on_page(page({service_at("a", "3")}, "4", "next"), now).type,
              Effect::Type::none);
    expect_list("", "next", 500);
    const Effect all = reflector.on_page(page({service_at("b", "3")}, "4"), now);
    EXPECT_EQ(all.objects.size(), 2u);
    expect_watch("4", false);
  }
}

TEST_F(ReflectorTest, AnExpiredContinueTokenBeginsTheListAnew) {
  expect_watch("", true);
  status(422);
  expect_list("0");
  status(410);
  expect_list("", "", 500);
  reflector.on_page(page({service_at("a", "3")}, "4", "next"), now);
  expect_list("", "next", 500);
  status(410);
  expect_list("", "", 500);
  const Effect all = reflector.on_page(page({service_at("b", "5")}, "6"), now);
  ASSERT_EQ(all.objects.size(), 1u) << "pages of the first try are void";
  EXPECT_EQ(meta_of(all.objects[0]).name, "b");
}

TEST_F(ReflectorTest, AServerThatExpiresEverythingIsNotAskedWithoutPause) {
  expect_watch("", true);
  status(422);
  expect_list("0");
  status(410);
  expect_list("", "", 500);
  status(410);
  expect_wait(800ms, 1600ms);
  expect_list("", "", 500);
}

TEST_F(ReflectorTest, ExpiredInsideTheStreamBeginsAnewAtOnce) {
  run_watch("5");
  reflector.on_end(now);
  expect_watch("5", false);
  reflector.on_watch_open(now);
  EXPECT_TRUE(error_event(410).close);
  expect_watch("5", true);
  reflector.on_watch_open(now);
  EXPECT_TRUE(error_event(410).close);
  expect_watch("", true);  // the version itself is the trouble
  reflector.on_watch_open(now);
  EXPECT_TRUE(error_event(410).close);
  expect_wait(800ms, 1600ms);
  expect_watch("", true);
  reflector.on_watch_open(now);
  event("b", "9");
  const Effect all = bookmark("9", true);
  EXPECT_EQ(all.type, Effect::Type::replace);
}

TEST_F(ReflectorTest, OtherErrorEventsKeepTheVersion) {
  run_watch("5");
  EXPECT_TRUE(error_event(500).close);
  EXPECT_THAT(reflector.problem(), HasSubstr("500"));
  expect_wait(800ms, 1600ms);
  expect_watch("5", false);
  reflector.on_watch_open(now);
  EXPECT_EQ(reflector.problem(), "");
}

TEST_F(ReflectorTest, EndOfAHealthyWatchContinuesAtOnce) {
  run_watch("5");
  reflector.on_end(now);
  expect_watch("5", false);
  reflector.on_watch_open(now);
  event("a", "6");
  reflector.on_end(now);  // short, but it brought something
  expect_watch("6", false);
  reflector.on_watch_open(now);
  reflector.on_end(now + 999ms);  // short and empty: a failure
  expect_wait(100ms, 200ms);
  expect_watch("6", false);
}

TEST_F(ReflectorTest, RestartOfTheServerIsRetriedFast) {
  run_watch("5");
  reflector.on_end(now);
  const Time killed = now;
  expect_watch("5", false);
  while (now - killed < 3s) {
    connection_refused();
    expect_wait(100ms, 200ms);
    expect_watch("5", false);
  }
  status(403, "services is forbidden");
  EXPECT_EQ(reflector.forbidden_since(), now);
  expect_wait(100ms, 2s);
  expect_watch("5", false);
  reflector.on_watch_open(now);
  EXPECT_FALSE(reflector.forbidden_since());
  EXPECT_TRUE(reflector.synced());
}

TEST_F(ReflectorTest, LongOutagesBackOffToThirtySecondsAndHealthResets) {
  run_watch("5");
  reflector.on_end(now);
  expect_watch("5", false);
  for (int i = 0; i < 60; ++i) {
    connection_refused();
    expect_wait(100ms, 200ms);
    expect_watch("5", false);
  }
  for (const auto delay : {1200ms, 2400ms, 4800ms, 9600ms, 19200ms, 30000ms, 30000ms}) {
    connection_refused();
    EXPECT_EQ(expect_wait(0ms, 30s).delay, delay);  // half of the jitter each
    expect_watch("5", false);
  }
  reflector.on_watch_open(now);
  now += 11s;
  reflector.on_end(now);
  expect_watch("5", false);
  connection_refused();
  expect_wait(100ms, 200ms);
}

TEST_F(ReflectorTest, UnauthorizedReadsTheTokenAgain) {
  expect_watch("", true);
  status(401);
  EXPECT_TRUE(expect_wait(100ms, 200ms).refresh_credentials);
  expect_watch("", true);
  status(403);
  EXPECT_FALSE(expect_wait(100ms, 200ms).refresh_credentials);
}

TEST_F(ReflectorTest, ForbiddenIsNeverFinalAndRemembersSinceWhen) {
  expect_watch("", true);
  status(403);
  const Time first = now;
  for (int i = 0; i < 15; ++i) {
    expect_wait(100ms, 200ms);
    expect_watch("", true);
    status(403);
  }
  EXPECT_EQ(reflector.forbidden_since(), first);
  expect_wait(800ms, 1600ms);  // rights that do not come are asked for slowly
  expect_watch("", true);
  reflector.on_watch_open(now);
  bookmark("3", true);
  EXPECT_TRUE(reflector.synced());
}

TEST_F(ReflectorTest, TooManyRequestsWaitsAsToldAndKeepsTheVersion) {
  run_watch("5");
  reflector.on_end(now);
  expect_watch("5", false);
  status(429, "too many requests", 7s);
  expect_wait(7s, 7s);
  expect_watch("5", false);
  status(429);
  expect_wait(800ms, 1600ms);
  expect_watch("5", false);
  status(503, "shutting down");
  expect_wait(1600ms, 3200ms);
  expect_watch("5", false);
  status(503, "shutting down", 3s);
  expect_wait(3s, 3s);
}

TEST_F(ReflectorTest, SilenceBeginsAnewWithoutVersion) {
  run_watch("5");
  now += 150s;
  reflector.on_silence(now);
  EXPECT_THAT(reflector.problem(), HasSubstr("no event"));
  expect_watch("", true);
}

TEST_F(ReflectorTest, SilenceOfAServerWithoutWatchListAsksForTheNewestView) {
  expect_watch("", true);
  status(422);
  expect_list("0");
  reflector.on_page(page({}, "5"), now);
  expect_watch("5", false);
  reflector.on_watch_open(now);
  now += 150s;
  reflector.on_silence(now);
  expect_list("", "", 500);
}

TEST_F(ReflectorTest, UnreadableObjectsMoveTheVersionOnly) {
  run_watch("5");
  const Effect none = reflector.on_event(
      {.type = WatchEvent::Type::upsert, .unreadable = "x", .resource_version = "6"}, now);
  EXPECT_EQ(none.type, Effect::Type::none);
  reflector.on_end(now);
  expect_watch("6", false);
}

}  // namespace
}  // namespace ropewalk::controller::kube
