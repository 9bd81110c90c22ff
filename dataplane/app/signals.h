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

  // Waits for the next event; nothing after `timeout`.
  std::optional<Event> wait(std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  // Any thread: makes wait() return Event::reload.
  void request_reload();
  // The same with Event::hosts and Event::drained.
  void announce_hosts();
  void announce_drained();

 private:
  void wake();

  std::atomic<bool> reload_ = false;
  std::atomic<bool> hosts_ = false;
  std::atomic<bool> drained_ = false;
  int signals_ = -1;
  int wake_ = -1;
};

}  // namespace ropewalk::app
