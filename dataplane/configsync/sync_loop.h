// The sync thread's task queue. One thread runs it; any thread posts. Posting to a loop that ended
// does nothing, so a late callback needs to know nothing but the loop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace ropewalk::configsync {

class SyncLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void()>;
  // Called after every batch of tasks; returns when to call again without any.
  using Tick = std::function<std::optional<Clock::time_point>()>;

  void post(Task task);
  void run(const Tick& tick);  // until end()
  void end();                  // from a task or a tick: returns from run() after it

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  bool ended_ = false;
};

}  // namespace ropewalk::configsync
