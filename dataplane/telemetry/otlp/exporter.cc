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
  bool send(std::size_t index, Signal signal, const std::string& message);

  Options options;
  const std::int64_t start_ns;
  std::vector<State> states;  // beside options.targets, of the thread
  bool traces = false;
  std::uint64_t dropped_before = 0;

  mutable std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;  // guarded by mutex
  Counters counted;       // guarded by mutex
  std::thread thread;
};

// A collector that is away is named once, and once more when it is back.
bool OtlpExporter::Impl::send(std::size_t index, Signal signal, const std::string& message) {
  OtlpTarget& target = options.targets[index];
  const auto sent = target.sender->send(signal, message, options.send_timeout);
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
  for (std::size_t begin = 0; begin < spans.size(); begin += kSpansAtOnce) {
    const auto batch =
        std::span(spans).subspan(begin, std::min(kSpansAtOnce, spans.size() - begin));
    const std::string message = encode_spans(options.resource, batch);
    for (std::size_t i = 0; i < options.targets.size(); ++i) {
      if (!options.targets[i].traces) continue;
      const bool sent = send(i, Signal::traces, message);
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
      message = encode_metrics(options.resource, options.collect(), start_ns, wall_ns());
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

OtlpExporter::OtlpExporter(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

OtlpExporter::~OtlpExporter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

OtlpExporter::Counters OtlpExporter::counters() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counted;
}

}  // namespace ropewalk::telemetry
