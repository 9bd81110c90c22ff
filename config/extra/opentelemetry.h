// extra_config."telemetry/opentelemetry" and "telemetry/metrics" of the service. Telemetry protects
// nothing: what cannot be used is a warning and counts as absent. One thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels: KrakenD's keys with their defaults filled in (exporters.otlp[].port,
// use_http, metric_reporting_period in seconds, trace_sample_rate ...). "" without an exporter.
std::string read_opentelemetry(const ExtraValue& extra, Diagnostics& diagnostics);

// {"listen_address":":8090"} and which of proxy_disabled, router_disabled, backend_disabled is
// true.
// "" where the page is disabled: the counters serve nothing else here.
std::string read_metrics(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
