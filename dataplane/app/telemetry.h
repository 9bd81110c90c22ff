// What a configuration says about logs, metrics and traces, put into force: the process log, the
// format of the access log, /__stats, the Prometheus exporters and those of OTLP. A part that
// cannot be had (a busy port) is a warning: telemetry never stops the gateway.
//
// Owned by the program, ends before the gateway. The control side calls apply().
#pragma once

#include "dataplane/telemetry/access_log.h"
#include "dataplane/telemetry/metrics.h"
#include "dataplane/telemetry/trace.h"

#include <functional>
#include <memory>
#include <string>

namespace ropewalk::config::v1 {
class Service;
}

namespace ropewalk::app {

class Telemetry {
 public:
  struct Options {
    std::function<telemetry::WorkerMetrics()> collect;  // any thread
    telemetry::AccessLog* access_log = nullptr;
    bool log_format_given = false;  // on the command line, which counts more
    bool log_level_given = false;
    log::Format log_format = log::Format::text;
    log::Level log_level = log::Level::info;
    std::string command_line;
  };
  explicit Telemetry(Options options);
  ~Telemetry();

  // A block that has not changed stays as it runs, but for listeners that could not be had.
  void apply(const config::v1::Service& service);
  // Null without traces.
  std::shared_ptr<telemetry::Tracer> tracer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::app
