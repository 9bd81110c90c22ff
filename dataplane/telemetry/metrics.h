// Counters of one worker: plain integers, no atomics, no locks; summed when somebody asks
// (design 4.7). Labels are bounded: endpoints and backends come from the configuration, never from
// requests.
#pragma once

#include "common/error.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::telemetry {

// Upper bounds in microseconds, exponential from 100 us to 60 s; the last bucket is +Inf.
inline constexpr std::array<std::uint32_t, 18> kLatencyBounds = {
    100,    250,    500,    1000,    2500,    5000,    10000,    25000,    50000,
    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000};

struct Histogram {
  std::array<std::uint64_t, kLatencyBounds.size() + 1> buckets{};
  std::uint64_t count = 0;
  std::uint64_t sum_us = 0;
  void record(std::uint64_t microseconds);
  void add(const Histogram& other);
};

// Of one endpoint on one worker. The worker finds it by index once per configuration, then touches
// it directly.
struct EndpointCounters {
  std::array<std::uint64_t, 6>
      status_class{};         // [0] no answer (client went away), [1]..[5] 1xx..5xx
  std::uint64_t partial = 0;  // answers with X-Krakend-Completed: false made of some parts
  Histogram latency;
  void add(const EndpointCounters& other);
};

struct BackendCounters {
  std::uint64_t calls = 0;
  std::array<std::uint64_t, 16> errors{};  // by Kind
  std::uint64_t retries = 0;
  Histogram latency;
  void add(const BackendCounters& other);
};

struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t tls_handshake_errors = 0;
  std::uint64_t malformed_requests = 0;
  std::uint64_t requests_unmatched = 0;  // 404 and 405
  std::uint64_t requests_in_flight = 0;
  std::uint64_t requests_given_up = 0;  // at the end of the process
  void add(const ServerCounters& other);
};

// The counters of one worker, kept over configuration changes by name. Pointers stay valid for the
// worker's life.
class WorkerMetrics {
 public:
  EndpointCounters& endpoint(const std::string& name) { return endpoints_[name]; }
  BackendCounters& backend(const std::string& endpoint, const std::string& name) {
    return backends_[{endpoint, name}];
  }
  ServerCounters server;

  const std::map<std::string, EndpointCounters>& endpoints() const { return endpoints_; }
  const std::map<std::pair<std::string, std::string>, BackendCounters>& backends() const {
    return backends_;
  }
  void add(const WorkerMetrics& other);

 private:
  std::map<std::string, EndpointCounters> endpoints_;
  std::map<std::pair<std::string, std::string>, BackendCounters> backends_;
};

// What is known of the process besides the counters.
struct GatewayState {
  std::string config_version;  // first 12 digits of the hash of what is served
  double config_age_seconds = 0;
  std::uint64_t config_rejected = 0;  // resources of the newest configuration; 1 for a file
  int controller_connected = -1;      // -1: stand-alone, else 0 or 1
  struct Certificate {
    std::string name;
    std::int64_t not_after = 0;
  };
  std::vector<Certificate> certificates;
};

// Prometheus text exposition, version 0.0.4. Names begin with ropewalk_.
std::string render_metrics(const WorkerMetrics& sum, const GatewayState& state);

}  // namespace ropewalk::telemetry
