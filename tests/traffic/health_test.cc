// Passive health and the budget of retries, and how they are configured.
#include "dataplane/backend/health.h"
#include "config/extra/resilience.h"
#include "dataplane/backend/choice.h"
#include "tests/config/helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::backend {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const HealthClock::time_point kStart{1h};

TEST(Health, ConsecutiveFailuresEjectForAWhile) {
  Health health;
  const config::EjectionRules rules{3, 1'000'000'000, 50};
  EXPECT_FALSE(health.failed(rules, kStart));
  EXPECT_FALSE(health.failed(rules, kStart));
  health.succeeded();
  EXPECT_FALSE(health.failed(rules, kStart));
  EXPECT_FALSE(health.failed(rules, kStart));
  EXPECT_TRUE(health.failed(rules, kStart));
  EXPECT_TRUE(health.ejected(kStart + 999ms));
  EXPECT_FALSE(health.ejected(kStart + 1s));
}

TEST(Health, EachRestInARowIsLonger) {
  Health health;
  const config::EjectionRules rules{1, 1'000'000'000, 50};
  auto now = kStart;
  for (int rest = 1; rest <= 12; ++rest) {
    EXPECT_TRUE(health.failed(rules, now));
    EXPECT_FALSE(health.failed(rules, now)) << "late failures do not count";
    const auto length = std::chrono::seconds(std::min(rest, 10));
    EXPECT_TRUE(health.ejected(now + length - 1ms));
    now += length;
    EXPECT_FALSE(health.ejected(now));
  }
  health.succeeded();
  EXPECT_TRUE(health.failed(rules, now));
  EXPECT_FALSE(health.ejected(now + 1s));
}

TEST(RetryBudget, IsAShareOfTheCalls) {
  RetryBudget budget;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take()) << "in store";
  EXPECT_FALSE(budget.take());
  int retries = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.called(20);
    if (budget.take()) ++retries;
  }
  EXPECT_EQ(retries, 200);
  for (int i = 0; i < 1'000'000; ++i) budget.called(100);
  retries = 0;
  while (budget.take()) ++retries;
  EXPECT_EQ(retries, 50);
}

struct Choice {
  const char* what;
  std::vector<Candidate> hosts;
  std::size_t turn;
  ChoiceRules rules;
  std::size_t expected;
};

TEST(Choice, TakesTheTurnAmongThoseThatAreWell) {
  const Candidate well{};
  const Candidate ejected{.ejected = true};
  const Candidate tried{.tried = true};
  const Choice cases[] = {
      {"in turn", {well, well, well}, 4, {}, 1},
      {"the next one that is well", {ejected, well, well}, 0, {}, 1},
      {"too many are ejected: all are called", {ejected, ejected, well}, 0, {}, 0},
      {"as many as allowed", {ejected, ejected, well}, 0, {.max_ejected_percent = 67}, 2},
      {"all are ejected", {ejected, ejected}, 1, {.max_ejected_percent = 100}, 1},
      {"not the one tried", {tried, well}, 0, {}, 1},
      {"rather an ejected one than the one tried", {tried, ejected}, 0, {}, 1},
      {"the least busy", {{.calls = 3}, {.calls = 1}, {.calls = 2}}, 0, {.least_request = true}, 1},
      {"in turn among equals", {{.calls = 1}, {.calls = 1}}, 1, {.least_request = true}, 1},
      {"not a busy one's turn", {{.calls = 9}, {.calls = 1}}, 0, {}, 0},
  };
  for (const Choice& c : cases) EXPECT_EQ(choose(c.hosts, c.turn, c.rules), c.expected) << c.what;
}

std::string text_of(const std::string& block) {
  const auto loaded = config::testing::load(config::testing::with_endpoint(
      R"({"endpoint":"/a","backend":[{"url_pattern":"/b","extra_config":{"ropewalk/backend":)" +
      block + "}}]}"));
  if (!loaded) return loaded.error().message;
  for (const config::v1::Resource& resource : loaded->resources)
    if (resource.has_backend())
      if (const auto it = resource.backend().extra_config().find("ropewalk/backend");
          it != resource.backend().extra_config().end())
        return it->second;
  return {};
}

TEST(Resilience, EveryKeyIsReadAndReadBack) {
  const std::string text = text_of(
      R"({"valid_status_codes":[404,200],"accept_empty_body":true,"balancing":"least_request",
          "retry":{"attempts":2,"status_codes":[503],"budget_percent":10},
          "ejection":{"consecutive_failures":3,"time":"10s","max_percent":30}})");
  EXPECT_EQ(
      text,
      R"({"accept_empty_body":true,"balancing":"least_request","ejection":{"consecutive_failures":3,"max_percent":30,"time":"10000000000ns"},"retry":{"attempts":2,"budget_percent":10,"status_codes":[503]},"valid_status_codes":[200,404]})");
  const auto rules = config::parse_resilience(text);
  ASSERT_TRUE(rules);
  EXPECT_EQ(config::to_text(*rules), text);
  EXPECT_EQ(rules->valid_status_codes, (std::vector<std::uint32_t>{200, 404}));
  EXPECT_EQ(rules->ejection->time_ns, 10'000'000'000);
  EXPECT_EQ(text_of("{}"), "") << "everything is off";
  EXPECT_EQ(text_of(R"({"retry":{},"balancing":"round_robin"})"),
            R"({"retry":{"attempts":1,"budget_percent":20,"status_codes":[502,503,504]}})");
}

TEST(Resilience, WhatIsWrongIsRefusedByPath) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "expected an object"},
      {R"({"valid_status_codes":["ok"]})", "valid_status_codes: expected a list of numbers"},
      {R"({"valid_status_codes":[99]})", "from 100 to 999"},
      {R"({"valid_status_code":[1]})", "did you mean valid_status_codes?"},
      {R"({"retry":{"attempts":9}})", "retry.attempts: expected a number from 1 to 5"},
      {R"({"retry":true})", "retry: expected an object"},
      {R"({"ejection":{"time":"1ms"}})", "from 100ms to 1h"},
      {R"({"balancing":"random"})", "expected round_robin or least_request"},
  };
  for (const auto& [block, expected] : cases)
    EXPECT_THAT(text_of(block), HasSubstr(expected)) << block;
}

}  // namespace
}  // namespace ropewalk::backend
