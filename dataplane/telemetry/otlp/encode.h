// Spans and metrics as messages of the OpenTelemetry protocol (opentelemetry-proto 1.x:
// collector/trace/v1 and collector/metrics/v1). Pure.
#pragma once

#include "dataplane/telemetry/metric_points.h"
#include "dataplane/telemetry/trace.h"

#include <cstdint>
#include <span>
#include <string>

namespace ropewalk::telemetry {

// Who reports.
struct OtlpResource {
  std::string service_name;
  std::string service_version;
  std::string environment;
};

std::string encode_spans(const OtlpResource& resource, std::span<const Span> spans);
// Cumulative since `start_ns`.
std::string encode_metrics(const OtlpResource& resource, const std::vector<Metric>& metrics,
                           std::int64_t start_ns, std::int64_t now_ns);

}  // namespace ropewalk::telemetry
