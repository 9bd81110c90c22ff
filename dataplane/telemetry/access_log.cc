#include "dataplane/telemetry/access_log.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace ropewalk::telemetry {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostWaiting = 8u << 20;
constexpr std::size_t kWriteAtOnce = 256u << 10;
// Lines are gathered for this long, so that workers rarely have to wake the thread.
constexpr auto kGather = std::chrono::milliseconds(10);
constexpr auto kPollSlice = std::chrono::milliseconds(100);
constexpr auto kLastFlush = std::chrono::seconds(1);
// A pipe that is ready takes this much without blocking (POSIX PIPE_BUF, 4096 on Linux).
constexpr std::size_t kPiece = 4096;

}  // namespace

struct AccessLog::Impl {
  Impl(log::Format format, int descriptor) : first(format), descriptor(descriptor) {}

  void run();
  void write_out(std::string_view text);
  void report_dropped(std::uint64_t lines);
  bool stopping_for_too_long();

  const log::Format first;
  const int descriptor;
  std::atomic<const AccessFormat*> format = nullptr;  // null: `first`
  std::deque<AccessFormat> formats;  // all that were ever used: a worker may still read one

  std::mutex mutex;
  std::condition_variable wake;
  std::string pending;           // guarded by mutex
  std::size_t in_flight = 0;     // guarded by mutex: bytes taken but not written yet
  std::uint64_t dropped = 0;     // guarded by mutex
  bool stopping = false;         // guarded by mutex
  Clock::time_point stopped_at;  // guarded by mutex

  bool broken = false;  // the writing thread alone: the reader has gone
  std::thread thread;
};

bool AccessLog::Impl::stopping_for_too_long() {
  const std::lock_guard lock(mutex);
  return stopping && Clock::now() - stopped_at > kLastFlush;
}

void AccessLog::Impl::write_out(std::string_view text) {
  while (!text.empty() && !broken) {
    pollfd ready{descriptor, POLLOUT, 0};
    const int found = ::poll(&ready, 1, static_cast<int>(kPollSlice.count()));
    if (found == 0 || (found < 0 && errno == EINTR)) {
      if (stopping_for_too_long()) return;
      continue;
    }
    // Whole lines where they fit: the process may log to the same stream.
    const std::size_t end = text.substr(0, kPiece).rfind('\n');
    const std::size_t size =
        end == std::string_view::npos ? std::min(text.size(), kPiece) : end + 1;
    const ssize_t written = ::write(descriptor, text.data(), size);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR || errno == EAGAIN) continue;
    broken = true;
    log::warning("access log is lost from here on", {{"reason", std::strerror(errno)}});
  }
}

void AccessLog::Impl::report_dropped(std::uint64_t lines) {
  if (lines != 0)
    log::warning("access log lines dropped, its reader is too slow",
                 {{"lines", std::to_string(lines)}});
}

void AccessLog::Impl::run() {
  // A reader that goes away is an error of write(), not the end of the process.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);

  std::string text;
  std::unique_lock lock(mutex);
  for (;;) {
    wake.wait(lock, [this] { return !pending.empty() || stopping; });
    wake.wait_for(lock, kGather, [this] { return pending.size() >= kWriteAtOnce || stopping; });
    text.clear();
    text.swap(pending);
    in_flight = text.size();
    const std::uint64_t lost = std::exchange(dropped, 0);
    const bool last = stopping;
    lock.unlock();
    write_out(text);
    report_dropped(lost);
    lock.lock();
    in_flight = 0;
    if (last) return;
  }
}

AccessLog::AccessLog(log::Format format, int descriptor)
    : impl_(std::make_unique<Impl>(format, descriptor)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->stopped_at = Clock::now();
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

void AccessLog::use(std::optional<AccessFormat> format) {
  const AccessFormat* chosen = nullptr;
  if (format) {
    const auto known = std::ranges::find(impl_->formats, *format);
    chosen =
        known != impl_->formats.end() ? &*known : &impl_->formats.emplace_back(std::move(*format));
  }
  impl_->format.store(chosen, std::memory_order_release);
}

bool AccessLog::shows_parts() const {
  const AccessFormat* format = impl_->format.load(std::memory_order_acquire);
  return !format || format->style == AccessFormat::Style::text ||
         format->style == AccessFormat::Style::json;
}

void AccessLog::write(const AccessRecord& record) {
  thread_local std::string line;
  line.clear();
  if (const AccessFormat* format = impl_->format.load(std::memory_order_acquire))
    format_access_record(line, record, *format);
  else
    format_access_record(line, record, impl_->first);
  bool first = false;
  bool enough = false;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->pending.size() + impl_->in_flight + line.size() > kMostWaiting) {
      ++impl_->dropped;
      return;
    }
    first = impl_->pending.empty();
    const std::size_t before = impl_->pending.size();
    impl_->pending += line;
    enough = before < kWriteAtOnce && impl_->pending.size() >= kWriteAtOnce;
  }
  if (first || enough) impl_->wake.notify_one();
}

}  // namespace ropewalk::telemetry
