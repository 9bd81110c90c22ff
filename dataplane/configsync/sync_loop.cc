#include "dataplane/configsync/sync_loop.h"

namespace ropewalk::configsync {

void SyncLoop::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void SyncLoop::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

void SyncLoop::run(const Tick& tick) {
  for (;;) {
    const auto deadline = tick();
    std::vector<Task> batch;
    {
      std::unique_lock lock(mutex_);
      const auto something = [&] { return ended_ || !tasks_.empty(); };
      if (deadline)
        wake_.wait_until(lock, *deadline, something);
      else
        wake_.wait(lock, something);
      if (ended_) {
        batch.swap(tasks_);  // destroyed outside the lock
        break;
      }
      batch.swap(tasks_);
    }
    for (const Task& task : batch) task();
  }
}

}  // namespace ropewalk::configsync
