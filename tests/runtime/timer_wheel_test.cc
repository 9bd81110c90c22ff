#include "dataplane/runtime/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace ropewalk::runtime {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kStart{};

struct Probe {
  Probe() : timer([](void* self) { ++static_cast<Probe*>(self)->fired; }, this) {}
  int fired = 0;
  Timer timer;
};

TEST(TimerWheel, FiresAtTheDeadlineOrOneTickLaterNeverEarlier) {
  TimerWheel wheel(kStart);
  Probe probe;
  wheel.arm(probe.timer, kStart + 25ms);
  wheel.advance(kStart + 24ms);
  EXPECT_EQ(probe.fired, 0);
  wheel.advance(kStart + 35ms);
  EXPECT_EQ(probe.fired, 1);
  wheel.advance(kStart + 10s);
  EXPECT_EQ(probe.fired, 1);
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, CancelAndDestructionDisarm) {
  TimerWheel wheel(kStart);
  Probe probe;
  {
    Probe gone;
    wheel.arm(gone.timer, kStart + 20ms);
    wheel.arm(probe.timer, kStart + 20ms);
  }
  probe.timer.cancel();
  EXPECT_EQ(wheel.size(), 0u);
  wheel.advance(kStart + 1s);
  EXPECT_EQ(probe.fired, 0);
}

TEST(TimerWheel, LongDeadlinesSurviveManyRounds) {
  TimerWheel wheel(kStart);
  Probe probe;
  wheel.arm(probe.timer, kStart + 1h);
  for (auto now = kStart; now < kStart + 1h - 10ms; now += 37s) wheel.advance(now);
  EXPECT_EQ(probe.fired, 0);
  wheel.advance(kStart + 1h + 10ms);
  EXPECT_EQ(probe.fired, 1);
}

TEST(TimerWheel, ACallbackMayCancelAndArmOthers) {
  TimerWheel wheel(kStart);
  struct Pair {
    TimerWheel* wheel;
    Probe victim;
    Timer timer{[](void* self) {
                  auto& pair = *static_cast<Pair*>(self);
                  pair.victim.timer.cancel();
                  pair.wheel->arm(pair.timer, kStart + 60ms);
                  ++pair.fired;
                },
                this};
    int fired = 0;
  } pair{.wheel = &wheel};
  wheel.arm(pair.victim.timer, kStart + 20ms);
  wheel.arm(pair.timer, kStart + 20ms);  // at the head of the same slot: fires first
  wheel.advance(kStart + 30ms);
  EXPECT_EQ(pair.fired, 1);
  EXPECT_EQ(pair.victim.fired, 0);
  wheel.advance(kStart + 80ms);
  EXPECT_EQ(pair.fired, 2);
}

TEST(TimerWheel, TellsTheDriverOnlyOfEarlierDeadlines) {
  TimerWheel wheel(kStart);
  std::vector<Clock::time_point> told;
  wheel.on_earlier([&](Clock::time_point moment) { told.push_back(moment); });
  Probe first, later, sooner;
  wheel.arm(first.timer, kStart + 2s);
  wheel.arm(later.timer, kStart + 3s);
  wheel.arm(sooner.timer, kStart + 1s);
  EXPECT_EQ(told, (std::vector{kStart + 2s, kStart + 1s}));
}

// Against a plain list: whatever is armed, cancelled and advanced, the same timers have fired.
TEST(TimerWheel, AgreesWithAListOfDeadlines) {
  std::mt19937 random(7);
  TimerWheel wheel(kStart);
  std::vector<std::unique_ptr<Probe>> probes;
  std::vector<Clock::time_point> deadlines;
  std::vector<bool> armed;
  auto now = kStart;
  for (int step = 0; step < 3000; ++step) {
    if (random() % 3 != 0 || probes.empty()) {
      probes.push_back(std::make_unique<Probe>());
      deadlines.push_back(now + std::chrono::milliseconds(random() % 20000));
      armed.push_back(true);
      wheel.arm(probes.back()->timer, deadlines.back());
    } else {
      const std::size_t i = random() % probes.size();
      if (probes[i]->fired == 0) armed[i] = false;
      probes[i]->timer.cancel();
    }
    now += std::chrono::milliseconds(random() % 60);
    wheel.advance(now);
    for (std::size_t i = 0; i < probes.size(); ++i) {
      if (!armed[i]) continue;
      if (deadlines[i] + 2 * TimerWheel::kTick <= now) {
        ASSERT_EQ(probes[i]->fired, 1) << i;
      }
      if (deadlines[i] > now) {
        ASSERT_EQ(probes[i]->fired, 0) << i;
      }
    }
  }
}

}  // namespace
}  // namespace ropewalk::runtime
