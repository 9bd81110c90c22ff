#include "controller/snapshot/debounce.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ropewalk::controller {
namespace {

using std::chrono::milliseconds;

struct Case {
  std::string name;
  std::vector<std::pair<int, Change>> changes;  // ms, kind
  std::vector<int> fires;                       // ms
};

// A timer that is exact: fires at each deadline before the next change arrives.
std::vector<int> run(const Case& input) {
  const Debounce::Clock::time_point zero{std::chrono::hours(1)};
  Debounce debounce;
  std::vector<int> out;
  const auto fire_until = [&](int limit) {
    while (debounce.deadline() && *debounce.deadline() <= zero + milliseconds(limit)) {
      const auto at = *debounce.deadline();
      EXPECT_FALSE(debounce.fire(at - milliseconds(1)));
      EXPECT_TRUE(debounce.fire(at));
      out.push_back(static_cast<int>((at - zero) / milliseconds(1)));
    }
  };
  for (const auto& [at, change] : input.changes) {
    fire_until(at - 1);
    debounce.on_change(change, zero + milliseconds(at));
  }
  fire_until(100000);
  EXPECT_FALSE(debounce.fire(zero + std::chrono::hours(1)));
  return out;
}

TEST(Debounce, Cases) {
  constexpr auto all = Change::objects;
  constexpr auto ends = Change::endpoints;
  std::vector<std::pair<int, Change>> storm;
  for (int at = 1000; at <= 1300; at += 5) storm.emplace_back(at, all);
  const std::vector<Case> cases = {
      {"the first goes out at once", {{0, all}}, {0}},
      {"changes of the same moment are one", {{0, all}, {0, all}, {0, ends}}, {0}},
      {"the second waits for 10 ms of quiet", {{0, all}, {1, all}, {4, all}}, {0, 14}},
      {"endpoints wait for 2 ms", {{0, ends}, {1, ends}, {2, ends}}, {0, 4}},
      {"anything among endpoints waits as anything", {{0, ends}, {1, ends}, {2, all}}, {0, 12}},
      {"after quiet at once again", {{0, all}, {60, all}, {61, all}}, {0, 60, 71}},
      {"49 ms are not quiet", {{0, all}, {49, all}}, {0, 59}},
      {"a storm is cut after 100 ms", storm, {1000, 1105, 1210, 1310}},
  };
  for (const Case& input : cases) {
    SCOPED_TRACE(input.name);
    EXPECT_EQ(run(input), input.fires);
  }
}

}  // namespace
}  // namespace ropewalk::controller
