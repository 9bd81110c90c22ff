// SIGTERM, SIGINT and SIGHUP as events of one waiting thread. Construct before the first thread
// starts: they are blocked then, and every thread inherits that.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

namespace ropewalk::app {

enum class Event { terminate, reload, hosts, drained };

class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Waits for the next event; nothing after `timeout`, or when woken without one. Who ends a whole
  // process group (timeout, Ctrl-C under make) often signals each process twice: what follows
  // within kSameSignal is no second Event::terminate.
  std::optional<Event> wait(std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  // Any thread: makes wait() return Event::reload.
  void request_reload();
  // The same with Event::hosts and Event::drained.
  void announce_hosts();
  void announce_drained();

 private:
  static constexpr std::chrono::milliseconds kSameSignal{250};
  void wake();

  std::atomic<bool> reload_ = false;
  std::atomic<bool> hosts_ = false;
  std::atomic<bool> drained_ = false;
  std::optional<std::chrono::steady_clock::time_point> terminated_;  // the thread that waits
  int signals_ = -1;
  int wake_ = -1;
};

}  // namespace ropewalk::app
