// The counters of the gateway under the names of KrakenD's OpenTelemetry layers, for OTLP and for
// the Prometheus exporter of the same configuration. Pure.
#pragma once

#include "dataplane/telemetry/metrics.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::telemetry {

struct MetricPoint {
  std::vector<std::pair<std::string, std::string>> labels;
  std::uint64_t value = 0;  // of counters and gauges
  Histogram histogram;      // of histograms, seconds
};

struct Metric {
  enum class Type : std::uint8_t { counter, gauge, histogram };
  std::string_view name;  // "http.server.duration"
  std::string_view unit;  // "s", "" for counts
  std::string_view help;
  Type type = Type::counter;
  std::vector<MetricPoint> points;
};

struct MetricLayers {
  bool global = true;
  bool proxy = true;
  bool backend = true;
  bool process = false;
};

std::vector<Metric> metric_points(const WorkerMetrics& sum, const MetricLayers& layers);

// Prometheus text 0.0.4; dots become underscores, counters end in _total.
std::string render_prometheus(const std::vector<Metric>& metrics);

}  // namespace ropewalk::telemetry
