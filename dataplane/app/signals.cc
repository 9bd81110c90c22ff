#include "dataplane/app/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace ropewalk::app {

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

Signals::~Signals() {
  ::close(signals_);
  ::close(wake_);
}

std::optional<Event> Signals::wait(std::optional<std::chrono::milliseconds> timeout) {
  pollfd both[] = {{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
  if (::poll(both, 2, timeout ? static_cast<int>(timeout->count()) : -1) <= 0) return std::nullopt;
  signalfd_siginfo info{};
  if (::read(signals_, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGHUP) return Event::reload;
    const auto now = std::chrono::steady_clock::now();
    const auto before = std::exchange(terminated_, now);
    if (before && now - *before < kSameSignal) return std::nullopt;
    return Event::terminate;
  }
  std::uint64_t count = 0;
  if (::read(wake_, &count, sizeof count) != sizeof count) return std::nullopt;
  // One event at a time; the next wait() finds the others.
  constexpr Event kAnnounced[] = {Event::reload, Event::hosts, Event::drained};
  std::atomic<bool>* const flags[] = {&reload_, &hosts_, &drained_};
  for (std::size_t i = 0; i < std::size(flags); ++i) {
    if (!flags[i]->exchange(false)) continue;
    wake();
    return kAnnounced[i];
  }
  return std::nullopt;
}

void Signals::request_reload() {
  reload_ = true;
  wake();
}

void Signals::announce_hosts() {
  hosts_ = true;
  wake();
}

void Signals::announce_drained() {
  drained_ = true;
  wake();
}

void Signals::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

}  // namespace ropewalk::app
