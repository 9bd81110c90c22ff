#include "dataplane/telemetry/stats.h"

#include "common/json/value.h"
#include "dataplane/telemetry/process_stats.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ropewalk::telemetry {
namespace {

using json::Value;

constexpr double kNanoseconds = 1000;  // in a microsecond
constexpr std::array<double, 7> kParts{0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};

Value whole(std::uint64_t value) { return Value::number(static_cast<std::int64_t>(value)); }

Value histogram_of(const Histogram& histogram) {
  Value out = Value::object();
  const double mean = histogram.count ? static_cast<double>(histogram.sum_us) * kNanoseconds /
                                            static_cast<double>(histogram.count)
                                      : 0;
  out.set("Count", whole(histogram.count));
  out.set("Max", Value::number(std::round(percentile(histogram, 1))));
  out.set("Mean", Value::number(mean));
  out.set("Min", Value::number(std::round(percentile(histogram, 0))));
  Value list = Value::list();
  for (const double part : kParts)
    list.elements().push_back(Value::number(std::round(percentile(histogram, part))));
  out.set("Percentiles", std::move(list));
  return out;
}

void add_router(Value& counters, Value& histograms, const std::string& path,
                const EndpointCounters& endpoint) {
  const std::string base = "krakend.router.response." + path;
  for (std::size_t i = 1; i < endpoint.status_class.size(); ++i)
    if (endpoint.status_class[i] != 0)
      counters.set(base + ".status." + std::to_string(i) + "xx.count",
                   whole(endpoint.status_class[i]));
  histograms.set(base + ".time", histogram_of(endpoint.latency));
}

void add_proxy(Value& counters, const std::string& path, const EndpointCounters& endpoint) {
  const std::string proxy = "krakend.proxy.requests.layer.pipe.name." + path;
  const std::uint64_t failed = endpoint.status_class[4] + endpoint.status_class[5];
  const std::string whole_answers = ".complete.true.error.false";
  counters.set(
      proxy + whole_answers,
      whole(endpoint.latency.count - std::min(endpoint.latency.count, failed + endpoint.partial)));
  counters.set(proxy + ".complete.false.error.false", whole(endpoint.partial));
  counters.set(proxy + ".complete.false.error.true", whole(failed));
}

void add_backend(Value& counters, Value& histograms, const std::string& name,
                 const BackendCounters& backend) {
  std::uint64_t failed = 0;
  for (const std::uint64_t count : backend.errors) failed += count;
  const std::string base = "krakend.proxy.requests.layer.backend.name." + name;
  counters.set(base + ".complete.true.error.false",
               whole(backend.calls - std::min(backend.calls, failed)));
  counters.set(base + ".complete.false.error.true", whole(failed));
  histograms.set("krakend.proxy.latency.layer.backend.name." + name, histogram_of(backend.latency));
}

}  // namespace

double percentile(const Histogram& histogram, double part) {
  if (histogram.count == 0) return 0;
  const double wanted = part * static_cast<double>(histogram.count);
  double seen = 0;
  for (std::size_t i = 0; i < histogram.buckets.size(); ++i) {
    const double here = static_cast<double>(histogram.buckets[i]);
    if (here > 0 && seen + here >= wanted) {
      const double low = i == 0 ? 0 : kLatencyBounds[i - 1];
      const double high = i < kLatencyBounds.size() ? kLatencyBounds[i] : low;
      return (low + (high - low) * (wanted - seen) / here) * kNanoseconds;
    }
    seen += here;
  }
  return static_cast<double>(kLatencyBounds.back()) * kNanoseconds;
}

std::string render_stats(const WorkerMetrics& sum, const StatsLayers& layers,
                         std::string_view command_line, std::int64_t now_ns) {
  const ProcessStats process = read_process_stats();
  Value counters = Value::object();
  Value gauges = Value::object();
  Value histograms = Value::object();
  if (layers.router) {
    counters.set("krakend.router.connected", whole(sum.server.connections_open));
    counters.set("krakend.router.connected-total", whole(sum.server.connections_accepted));
    counters.set("krakend.router.disconnected-total",
                 whole(sum.server.connections_accepted -
                       std::min(sum.server.connections_accepted, sum.server.connections_open)));
    gauges.set("krakend.router.connected-gauge", whole(sum.server.connections_open));
  }
  gauges.set("krakend.service.process.resident_bytes", whole(process.resident_bytes));
  gauges.set("krakend.service.process.open_descriptors", whole(process.open_descriptors));
  for (const auto& [name, endpoint] : sum.endpoints()) {
    const std::string path = name.substr(name.find(' ') + 1);
    if (layers.router) add_router(counters, histograms, path, endpoint);
    if (layers.proxy) add_proxy(counters, path, endpoint);
  }
  if (layers.backend)
    for (const auto& [place, backend] : sum.backends())
      add_backend(counters, histograms, place.second, backend);
  Value command = Value::list();
  command.elements().push_back(Value(command_line));
  Value stats = Value::object();
  stats.set("Now", Value::number(now_ns));
  stats.set("Counters", std::move(counters));
  stats.set("Gauges", std::move(gauges));
  stats.set("Histograms", std::move(histograms));
  Value memory = Value::object();
  memory.set("Sys", whole(process.resident_bytes));
  Value page = Value::object();
  page.set("cmdline", std::move(command));
  page.set("krakend", std::move(stats));
  page.set("memstats", std::move(memory));
  return json::to_string(page);
}

}  // namespace ropewalk::telemetry
