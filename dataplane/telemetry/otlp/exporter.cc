#include "dataplane/telemetry/otlp/exporter.h"

#include "common/log.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ropewalk::telemetry {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kSpansAtOnce = 512;
// What a sender may take beyond its timeout (a name server that does not answer) before the thread
// is left to itself.
constexpr auto kGrace = std::chrono::milliseconds(500);

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct OtlpExporter::Impl {
  explicit Impl(Options given) : options(std::move(given)), start_ns(wall_ns()) {
    for (const OtlpTarget& target : options.targets) {
      states.push_back({Clock::now() + target.period, false});
      traces = traces || target.traces;
    }
    traces = traces && options.tracer;
  }

  struct State {
    Clock::time_point next_metrics;
    bool failing = false;
  };

  void run();
  void send_spans();
  void send_metrics(bool last);
  std::vector<Metric> collected();
  std::chrono::milliseconds time_left() const;
  bool send(std::size_t index, Signal signal, const std::string& message);

  Options options;
  const std::int64_t start_ns;
  std::vector<State> states;  // beside options.targets, of the thread
  bool traces = false;
  std::uint64_t dropped_before = 0;

  mutable std::mutex mutex;  // guards all below but the thread
  std::condition_variable wake;
  std::condition_variable progress;
  bool stopping = false;
  Clock::time_point give_up;  // while stopping: nothing is sent any more
  bool collecting = false;    // Options::collect runs
  bool abandoned = false;     // its owner has gone: Options::collect must not be called
  bool finished = false;
  Counters counted;
  std::thread thread;
};

std::chrono::milliseconds OtlpExporter::Impl::time_left() const {
  const std::lock_guard lock(mutex);
  if (!stopping) return options.send_timeout;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up - Clock::now());
  return std::clamp(left, std::chrono::milliseconds(0), options.send_timeout);
}

std::vector<Metric> OtlpExporter::Impl::collected() {
  {
    const std::lock_guard lock(mutex);
    if (abandoned) return {};
    collecting = true;
  }
  std::vector<Metric> out = options.collect();
  {
    const std::lock_guard lock(mutex);
    collecting = false;
  }
  progress.notify_all();
  return out;
}

// A collector that is away is named once, and once more when it is back.
bool OtlpExporter::Impl::send(std::size_t index, Signal signal, const std::string& message) {
  OtlpTarget& target = options.targets[index];
  const auto left = time_left();
  const auto sent = left.count() > 0
                        ? target.sender->send(signal, message, left)
                        : Result<void>(fail(Kind::timeout, "no time left before the end"));
  if (!sent && !states[index].failing)
    log::warning("telemetry is lost: a collector does not take it",
                 {{"exporter", target.name}, {"reason", sent.error().message}});
  if (sent && states[index].failing)
    log::info("the collector takes telemetry again", {{"exporter", target.name}});
  states[index].failing = !sent;
  if (!sent) {
    const std::lock_guard lock(mutex);
    ++counted.failures;
  }
  return sent.has_value();
}

void OtlpExporter::Impl::send_spans() {
  if (!traces) return;
  const std::vector<Span> spans = options.tracer->take();
  const std::uint64_t dropped = options.tracer->dropped();
  if (dropped != dropped_before) {
    log::warning("spans dropped: more than the exporter can send",
                 {{"spans", std::to_string(dropped - dropped_before)}});
    const std::lock_guard lock(mutex);
    counted.lost_spans += dropped - dropped_before;
  }
  dropped_before = dropped;
  // One that has just failed is not asked again for each batch: spans must not pile up meanwhile.
  std::vector<bool> failed(options.targets.size());
  for (std::size_t begin = 0; begin < spans.size(); begin += kSpansAtOnce) {
    const auto batch =
        std::span(spans).subspan(begin, std::min(kSpansAtOnce, spans.size() - begin));
    const std::string message = encode_spans(options.resource, batch);
    for (std::size_t i = 0; i < options.targets.size(); ++i) {
      if (!options.targets[i].traces) continue;
      const bool sent = !failed[i] && send(i, Signal::traces, message);
      failed[i] = !sent;
      const std::lock_guard lock(mutex);
      (sent ? counted.sent_spans : counted.lost_spans) += batch.size();
    }
  }
}

void OtlpExporter::Impl::send_metrics(bool last) {
  const auto now = Clock::now();
  std::string message;
  for (std::size_t i = 0; i < options.targets.size(); ++i) {
    if (!options.targets[i].metrics || !options.collect) continue;
    if (!last && now < states[i].next_metrics) continue;
    states[i].next_metrics = now + options.targets[i].period;
    if (message.empty())
      message = encode_metrics(options.resource, collected(), start_ns, wall_ns());
    send(i, Signal::metrics, message);
  }
}

void OtlpExporter::Impl::run() {
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, options.trace_period, [this] { return stopping; });
      last = stopping;
    }
    send_spans();
    send_metrics(last);
  }
}

OtlpExporter::OtlpExporter(Options options) : impl_(std::make_shared<Impl>(std::move(options))) {
  impl_->thread = std::thread([impl = impl_] {
    impl->run();
    {
      const std::lock_guard lock(impl->mutex);
      impl->finished = true;
    }
    impl->progress.notify_all();
  });
}

OtlpExporter::~OtlpExporter() {
  Impl& impl = *impl_;
  std::unique_lock lock(impl.mutex);
  impl.stopping = true;
  impl.give_up = Clock::now() + impl.options.send_timeout;
  impl.wake.notify_one();
  if (impl.progress.wait_for(lock, impl.options.send_timeout + kGrace,
                             [&] { return impl.finished; })) {
    lock.unlock();
    impl.thread.join();
    return;
  }
  impl.abandoned = true;
  impl.progress.wait(lock, [&] { return !impl.collecting; });
  impl.thread.detach();
  lock.unlock();
  log::warning("telemetry is lost: an exporter does not end in time");
}

OtlpExporter::Counters OtlpExporter::counters() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counted;
}

}  // namespace ropewalk::telemetry
