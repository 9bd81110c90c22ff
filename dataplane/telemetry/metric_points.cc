#include "dataplane/telemetry/metric_points.h"

#include "dataplane/telemetry/process_stats.h"

#include <array>
#include <cstdio>

namespace ropewalk::telemetry {
namespace {

using Type = Metric::Type;

// "GET /v1/products" -> method and route.
std::vector<std::pair<std::string, std::string>> endpoint_labels(const std::string& name) {
  const auto blank = name.find(' ');
  if (blank == std::string::npos) return {{"http.route", name}};
  return {{"http.request.method", name.substr(0, blank)}, {"http.route", name.substr(blank + 1)}};
}

std::uint64_t errors_of(const BackendCounters& counters, Kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < counters.errors.size() ? counters.errors[index] : 0;
}

std::uint64_t all_errors(const BackendCounters& counters) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counters.errors) sum += count;
  return sum;
}

void add_endpoints(std::vector<Metric>& out, const WorkerMetrics& sum, const MetricLayers& layers) {
  Metric server{"http.server.duration", "s", "Requests of clients", Type::histogram, {}};
  Metric proxy{"krakend.proxy.duration", "s", "Work of endpoints", Type::histogram, {}};
  Metric answers{"http.server.response.count", "", "Answers by class of status", Type::counter, {}};
  for (const auto& [name, counters] : sum.endpoints()) {
    const auto labels = endpoint_labels(name);
    server.points.push_back({labels, 0, counters.latency});
    proxy.points.push_back({labels, 0, counters.latency});
    for (std::size_t i = 0; i < counters.status_class.size(); ++i) {
      if (counters.status_class[i] == 0) continue;
      MetricPoint point{labels, counters.status_class[i], {}};
      point.labels.emplace_back("status_class", i == 0 ? "none" : std::to_string(i) + "xx");
      answers.points.push_back(std::move(point));
    }
  }
  if (layers.global) out.push_back(std::move(server));
  if (layers.global) out.push_back(std::move(answers));
  if (layers.proxy) out.push_back(std::move(proxy));
}

void add_backends(std::vector<Metric>& out, const WorkerMetrics& sum) {
  Metric backend{"krakend.backend.duration", "s", "Calls to backends", Type::histogram, {}};
  Metric client{"http.client.duration", "s", "Calls to backends", Type::histogram, {}};
  Metric started{"http.client.request.started.count", "", "Calls begun", Type::counter, {}};
  Metric failed{"http.client.request.failed.count", "", "Calls that failed", Type::counter, {}};
  Metric late{"http.client.request.timedout.count", "", "Calls too late", Type::counter, {}};
  Metric canceled{"http.client.request.canceled.count", "", "Calls given up", Type::counter, {}};
  for (const auto& [place, counters] : sum.backends()) {
    auto labels = endpoint_labels(place.first);
    labels.emplace_back("krakend.backend", place.second);
    backend.points.push_back({labels, 0, counters.latency});
    client.points.push_back({labels, 0, counters.latency});
    started.points.push_back({labels, counters.calls, {}});
    failed.points.push_back({labels, all_errors(counters), {}});
    late.points.push_back({labels, errors_of(counters, Kind::timeout), {}});
    canceled.points.push_back({labels, errors_of(counters, Kind::cancelled), {}});
  }
  for (Metric* metric : {&backend, &client, &started, &failed, &late, &canceled})
    out.push_back(std::move(*metric));
}

void add_process(std::vector<Metric>& out) {
  const ProcessStats stats = read_process_stats();
  out.push_back({"process.resident_memory_bytes",
                 "",
                 "Memory in use",
                 Type::gauge,
                 {{{}, stats.resident_bytes, {}}}});
  out.push_back({"process.open_fds",
                 "",
                 "Open file descriptors",
                 Type::gauge,
                 {{{}, stats.open_descriptors, {}}}});
  out.push_back({"process.cpu_seconds",
                 "",
                 "CPU time",
                 Type::counter,
                 {{{}, static_cast<std::uint64_t>(stats.cpu_seconds), {}}}});
  out.push_back({"process.start_time_seconds",
                 "",
                 "Start since 1970",
                 Type::gauge,
                 {{{}, static_cast<std::uint64_t>(stats.start_time_seconds), {}}}});
}

std::string prometheus_name(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c == '.') c = '_';
  return out;
}

std::string series(const MetricPoint& point, std::string_view le = {}) {
  std::string out;
  const auto add = [&](const std::string& name, std::string_view value) {
    out += (out.empty() ? "{" : ",") + name + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      out += c == '\n' ? ' ' : c;
    }
    out += '"';
  };
  for (const auto& [name, value] : point.labels) add(prometheus_name(name), value);
  if (!le.empty()) add("le", le);
  return out.empty() ? out : out + "}";
}

std::string decimal(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

void append_histogram(std::string& out, const std::string& name, const MetricPoint& point) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < point.histogram.buckets.size(); ++i) {
    below += point.histogram.buckets[i];
    const std::string le = i < kLatencyBounds.size() ? decimal(kLatencyBounds[i] / 1e6) : "+Inf";
    out += name + "_bucket" + series(point, le) + " " + std::to_string(below) + "\n";
  }
  out += name + "_sum" + series(point) + " " +
         decimal(static_cast<double>(point.histogram.sum_us) / 1e6) + "\n";
  out += name + "_count" + series(point) + " " + std::to_string(point.histogram.count) + "\n";
}

}  // namespace

std::vector<Metric> metric_points(const WorkerMetrics& sum, const MetricLayers& layers) {
  std::vector<Metric> out;
  add_endpoints(out, sum, layers);
  if (layers.backend) add_backends(out, sum);
  if (layers.process) add_process(out);
  return out;
}

std::string render_prometheus(const std::vector<Metric>& metrics) {
  std::string out;
  for (const Metric& metric : metrics) {
    const bool counter = metric.type == Type::counter;
    const std::string name = prometheus_name(metric.name) + (counter ? "_total" : "");
    out += "# HELP " + name + " " + std::string(metric.help) + "\n# TYPE " + name + " " +
           (counter                          ? "counter"
            : metric.type == Type::histogram ? "histogram"
                                             : "gauge") +
           "\n";
    for (const MetricPoint& point : metric.points)
      if (metric.type == Type::histogram)
        append_histogram(out, name, point);
      else
        out += name + series(point) + " " + std::to_string(point.value) + "\n";
  }
  return out;
}

}  // namespace ropewalk::telemetry
