#include "dataplane/configsync/sync_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace ropewalk::configsync {
namespace {

TEST(SyncLoop, TasksOfManyThreadsRunOnOneInOrder) {
  SyncLoop loop;
  constexpr int kThreads = 4;
  constexpr int kTasks = 2000;
  std::vector<int> seen(kThreads, 0);  // touched by the loop's thread only
  int left = kThreads * kTasks;
  std::vector<std::thread> posters;
  for (int poster = 0; poster < kThreads; ++poster)
    posters.emplace_back([&, poster] {
      for (int i = 0; i < kTasks; ++i)
        loop.post([&, poster, i] {
          EXPECT_EQ(seen[static_cast<std::size_t>(poster)]++, i);
          if (--left == 0) loop.end();
        });
    });
  loop.run([] { return std::nullopt; });
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(left, 0);
}

TEST(SyncLoop, TicksAtTheDeadlineAndAfterTasks) {
  SyncLoop loop;
  int ticks = 0;
  bool posted = false;
  loop.post([&] { posted = true; });
  loop.run([&]() -> std::optional<SyncLoop::Clock::time_point> {
    if (++ticks == 1) return std::nullopt;  // woken by the task
    EXPECT_TRUE(posted);
    if (ticks == 5) loop.end();
    return SyncLoop::Clock::now();  // due: woken by the clock
  });
  EXPECT_EQ(ticks, 5);
}

TEST(SyncLoop, WhatIsPostedAfterTheEndIsDropped) {
  SyncLoop loop;
  const auto witness = std::make_shared<int>(0);
  loop.post([&loop] { loop.end(); });
  loop.run([] { return std::nullopt; });
  loop.post([witness] { FAIL(); });
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace ropewalk::configsync
