// KrakenD's names of the counters: OpenTelemetry layers, Prometheus text, /__stats.
#include "dataplane/telemetry/metric_points.h"

#include "dataplane/telemetry/stats.h"
#include "exposition_check.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ropewalk::telemetry {
namespace {

using ::testing::HasSubstr;

WorkerMetrics some() {
  WorkerMetrics out;
  EndpointCounters& endpoint = out.endpoint("GET /a/{id}");
  endpoint.status_class[2] = 3;
  endpoint.status_class[5] = 1;
  for (const std::uint64_t us : {90, 200, 900, 9000}) endpoint.latency.record(us);
  BackendCounters& backend = out.backend("GET /a/{id}", "shop \"x\"");
  backend.calls = 4;
  backend.errors[static_cast<std::size_t>(Kind::timeout)] = 1;
  backend.latency.record(800);
  out.server.connections_accepted = 7;
  out.server.connections_open = 2;
  return out;
}

TEST(MetricPoints, PrometheusHasKrakenDsNames) {
  const std::string text = render_prometheus(metric_points(some(), {}));
  for (const char* line :
       {"# TYPE http_server_duration histogram\n",
        "http_server_duration_bucket{http_request_method=\"GET\",http_route=\"/a/{id}\","
        "le=\"0.00025\"} 2\n",
        "http_server_duration_count{http_request_method=\"GET\",http_route=\"/a/{id}\"} 4\n",
        "krakend_proxy_duration_sum{http_request_method=\"GET\",http_route=\"/a/{id}\"} 0.01019\n",
        "krakend_backend=\"shop \\\"x\\\"\"", "http_client_request_timedout_count_total{",
        "status_class=\"5xx\"} 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_EQ(check_exposition(text).error, "") << text;
}

TEST(MetricPoints, LayersCanBeOff) {
  const std::string text = render_prometheus(metric_points(some(), {false, false, false, true}));
  EXPECT_THAT(text, Not(HasSubstr("duration")));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes "));
}

TEST(Stats, ShowsCountersAsJson) {
  const auto page = nlohmann::json::parse(render_stats(some(), {}, "ropewalk run", 5));
  EXPECT_EQ(page["cmdline"][0], "ropewalk run");
  const auto& counters = page["krakend"]["Counters"];
  EXPECT_EQ(counters["krakend.router.connected-total"], 7);
  EXPECT_EQ(counters["krakend.router.disconnected-total"], 5);
  EXPECT_EQ(counters["krakend.router.response./a/{id}.status.2xx.count"], 3);
  EXPECT_EQ(counters["krakend.proxy.requests.layer.pipe.name./a/{id}.complete.false.error.true"],
            1);
  const auto& time = page["krakend"]["Histograms"]["krakend.router.response./a/{id}.time"];
  EXPECT_EQ(time["Count"], 4);
  EXPECT_EQ(time["Percentiles"].size(), 7u);
  EXPECT_EQ(page["krakend"]["Now"], 5);
}

TEST(Stats, LayersCanBeOff) {
  struct Row {
    StatsLayers layers;
    const char* gone;
  };
  for (const Row& row : {Row{{.router = false}, "krakend.router"},
                         Row{{.proxy = false}, "krakend.proxy.requests.layer.pipe"},
                         Row{{.backend = false}, "layer.backend"}}) {
    EXPECT_THAT(render_stats(some(), row.layers, "", 5), Not(HasSubstr(row.gone)));
    EXPECT_THAT(render_stats(some(), {}, "", 5), HasSubstr(row.gone));
  }
}

TEST(Stats, PercentilesAreInterpolated) {
  Histogram histogram;
  EXPECT_EQ(percentile(histogram, 0.5), 0);
  for (int i = 0; i < 10; ++i) histogram.record(200);  // in (100, 250]
  EXPECT_DOUBLE_EQ(percentile(histogram, 0.5), 175'000);
  EXPECT_DOUBLE_EQ(percentile(histogram, 1), 250'000);
}

}  // namespace
}  // namespace ropewalk::telemetry
