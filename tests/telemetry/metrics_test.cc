#include "dataplane/telemetry/metrics.h"

#include "dataplane/telemetry/process_stats.h"
#include "tests/telemetry/exposition_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>

namespace ropewalk::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Histogram, PutsAValueIntoTheFirstBucketThatHoldsIt) {
  Histogram histogram;
  for (const std::uint64_t value : {0u, 100u, 101u, 60000000u, 60000001u}) histogram.record(value);
  EXPECT_EQ(histogram.buckets[0], 2u);
  EXPECT_EQ(histogram.buckets[1], 1u);
  EXPECT_EQ(histogram.buckets[kLatencyBounds.size() - 1], 1u);
  EXPECT_EQ(histogram.buckets[kLatencyBounds.size()], 1u);
  EXPECT_EQ(histogram.count, 5u);
  EXPECT_EQ(histogram.sum_us, 120000202u);
}

WorkerMetrics worker(std::uint64_t factor) {
  WorkerMetrics metrics;
  EndpointCounters& endpoint = metrics.endpoint("GET /v1/products");
  endpoint.status_class = {1 * factor, 0, 10 * factor, 0, 0, 2 * factor};
  endpoint.partial = 3 * factor;
  endpoint.latency.record(2000 * factor);
  BackendCounters& backend = metrics.backend("GET /v1/products", "shop/offers");
  backend.calls = 7 * factor;
  backend.errors[static_cast<std::size_t>(Kind::tls)] = 5 * factor;
  backend.retries = factor;
  backend.latency.record(300);
  metrics.server = {.connections_accepted = 11 * factor,
                    .connections_open = 4 * factor,
                    .tls_handshake_errors = 6 * factor,
                    .malformed_requests = 8 * factor,
                    .requests_unmatched = 9 * factor,
                    .requests_in_flight = 2 * factor};
  return metrics;
}

TEST(WorkerMetrics, PointersStayValidWhileOthersAreAdded) {
  WorkerMetrics metrics;
  EndpointCounters& first = metrics.endpoint("a");
  for (int i = 0; i < 1000; ++i) metrics.endpoint(std::to_string(i));
  first.partial = 1;
  EXPECT_EQ(&metrics.endpoint("a"), &first);
  EXPECT_EQ(metrics.endpoints().at("a").partial, 1u);
}

TEST(Render, SumsWorkersIntoOneWellFormedText) {
  WorkerMetrics sum;
  sum.add(worker(1));
  sum.add(worker(10));
  sum.endpoint("GET /quoted\"\\\n");
  GatewayState state;
  state.config_version = "0123456789ab";
  state.config_age_seconds = 1.5;
  state.config_rejected = 2;
  state.controller_connected = 1;
  state.certificates = {{"tls/shop/front", 1798761600}};
  const std::string text = render_metrics(sum, state);
  const ParsedMetrics parsed = check_exposition(text);
  ASSERT_EQ(parsed.error, "");

  const std::string endpoint = "endpoint=\"GET /v1/products\"";
  const std::string backend = endpoint + ",backend=\"shop/offers\"";
  const std::map<std::string, double> expected = {
      {"ropewalk_requests_total{" + endpoint + ",status_class=\"2xx\"}", 110},
      {"ropewalk_requests_total{" + endpoint + ",status_class=\"5xx\"}", 22},
      {"ropewalk_requests_total{" + endpoint + ",status_class=\"4xx\"}", 0},
      {"ropewalk_requests_total{" + endpoint + ",status_class=\"none\"}", 11},
      {"ropewalk_requests_total{endpoint=\"GET /quoted\\\"\\\\\\n\",status_class=\"2xx\"}", 0},
      {"ropewalk_partial_answers_total{" + endpoint + "}", 33},
      {"ropewalk_request_duration_seconds_bucket{" + endpoint + ",le=\"0.001\"}", 0},
      {"ropewalk_request_duration_seconds_bucket{" + endpoint + ",le=\"0.0025\"}", 1},
      {"ropewalk_request_duration_seconds_bucket{" + endpoint + ",le=\"0.025\"}", 2},
      {"ropewalk_request_duration_seconds_bucket{" + endpoint + ",le=\"+Inf\"}", 2},
      {"ropewalk_request_duration_seconds_sum{" + endpoint + "}", 0.022},
      {"ropewalk_request_duration_seconds_count{" + endpoint + "}", 2},
      {"ropewalk_backend_calls_total{" + backend + "}", 77},
      {"ropewalk_backend_errors_total{" + backend + ",reason=\"tls\"}", 55},
      {"ropewalk_backend_retries_total{" + backend + "}", 11},
      {"ropewalk_backend_duration_seconds_count{" + backend + "}", 2},
      {"ropewalk_connections_accepted_total", 121},
      {"ropewalk_connections_open", 44},
      {"ropewalk_tls_handshake_errors_total", 66},
      {"ropewalk_malformed_requests_total", 88},
      {"ropewalk_requests_unmatched_total", 99},
      {"ropewalk_requests_in_flight", 22},
      {"ropewalk_config_info{version=\"0123456789ab\"}", 1},
      {"ropewalk_config_age_seconds", 1.5},
      {"ropewalk_config_rejected", 2},
      {"ropewalk_controller_connected", 1},
      {"ropewalk_certificate_expiry_timestamp_seconds{name=\"tls/shop/front\"}", 1798761600},
  };
  for (const auto& [series, value] : expected) {
    ASSERT_TRUE(parsed.samples.contains(series)) << series << "\n" << text;
    EXPECT_DOUBLE_EQ(parsed.samples.at(series), value) << series;
  }
  EXPECT_THAT(text, Not(HasSubstr("reason=\"timeout\"")));  // never happened
  EXPECT_EQ(parsed.types.at("ropewalk_connections_open"), "gauge");
  EXPECT_EQ(parsed.types.at("ropewalk_request_duration_seconds"), "histogram");
}

TEST(Render, StandAloneHasNoController) {
  const std::string text = render_metrics({}, {});
  EXPECT_EQ(check_exposition(text).error, "");
  EXPECT_THAT(text, Not(HasSubstr("ropewalk_controller_connected")));
}

TEST(Render, EveryKindOfErrorHasItsOwnReason) {
  WorkerMetrics sum;
  BackendCounters& backend = sum.backend("e", "b");
  for (int kind = 0; kind <= static_cast<int>(Kind::internal); ++kind)
    backend.errors[static_cast<std::size_t>(kind)] = 1;
  EXPECT_EQ(check_exposition(render_metrics(sum, {})).error, "");  // a reason twice would be one
}

TEST(ProcessStats, AreThoseOfThisProcess) {
  const ProcessStats before = read_process_stats();
  EXPECT_GT(before.resident_bytes, 1u << 20);
  EXPECT_GT(before.start_time_seconds, 1.7e9);
  EXPECT_LE(before.start_time_seconds, static_cast<double>(std::time(nullptr)) + 2);
  const int extra = ::dup(0);
  EXPECT_EQ(read_process_stats().open_descriptors, before.open_descriptors + 1);
  ::close(extra);
}

TEST(ExpositionCheck, RefusesWhatPrometheusWouldRefuse) {
  const std::string head = "# HELP a_total x\n# TYPE a_total counter\n";
  const std::string histogram = "# HELP h x\n# TYPE h histogram\n";
  for (const std::string& text :
       {std::string("a_total 1\n"), head + "a_total 1", head + "a_total -1\n",
        head + "a_total 1\na_total 2\n", head + "b_total 1\n", head + "a_total{x=\"1} 1\n",
        head + "a_total{x=\"\\q\"} 1\n", head + "a_total{1x=\"\"} 1\n", head + "a_total\n",
        head + "a_total one\n", head + head, std::string("# HELP a x\n# TYPE a counter\n"),
        std::string("# TYPE a_total counter\n"), head + "\na_total 1\n",
        histogram + "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
        histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
        histogram + "h_bucket{le=\"+Inf\"} 1\nh_count 1\n"})
    EXPECT_NE(check_exposition(text).error, "") << text;
  EXPECT_EQ(check_exposition(head + "a_total{x=\"a\\\"b\"} 1\n").error, "");
}

}  // namespace
}  // namespace ropewalk::telemetry
