// Sends what the tracer gathered and what the counters say to collectors, on a thread of its own.
// Nothing waits for it: what a collector does not take is dropped and counted.
#pragma once

#include "dataplane/telemetry/otlp/encode.h"
#include "dataplane/telemetry/otlp/sender.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::telemetry {

struct OtlpTarget {
  std::string name;  // for the log
  std::unique_ptr<OtlpSender> sender;
  bool traces = true;
  bool metrics = true;
  std::chrono::seconds period{30};  // of metrics
};

class OtlpExporter {
 public:
  struct Options {
    OtlpResource resource;
    std::vector<OtlpTarget> targets;
    std::shared_ptr<Tracer> tracer;                // null: no traces
    std::function<std::vector<Metric>()> collect;  // called on the exporter's thread
    std::chrono::milliseconds trace_period{200};   // how long spans wait at most
    std::chrono::milliseconds send_timeout{3000};
  };
  struct Counters {
    std::uint64_t sent_spans = 0;
    std::uint64_t lost_spans = 0;  // a collector failed or the queue was full
    std::uint64_t failures = 0;    // messages that a collector did not take
  };

  explicit OtlpExporter(Options options);
  // Sends what waits, once, and takes no longer for it than a send may take: what hangs then
  // (a name server, say) ends on its own, without Options::collect.
  ~OtlpExporter();
  Counters counters() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // with the thread
};

}  // namespace ropewalk::telemetry
