// The page /__stats of telemetry/metrics: the counters as KrakenD's users know them (expvar's
// JSON). Pure.
#pragma once

#include "dataplane/telemetry/metrics.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {

// What of the counters is shown (`*_disabled` in the configuration).
struct StatsLayers {
  bool router = true;
  bool proxy = true;
  bool backend = true;
};

std::string render_stats(const WorkerMetrics& sum, const StatsLayers& layers,
                         std::string_view command_line, std::int64_t now_ns);

// A bound below which the share `part` (0 to 1) of the values lies, in nanoseconds, interpolated
// within its bucket; 0 without values.
double percentile(const Histogram& histogram, double part);

}  // namespace ropewalk::telemetry
