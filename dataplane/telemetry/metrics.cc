#include "dataplane/telemetry/metrics.h"

#include <algorithm>

namespace ropewalk::telemetry {
namespace {

template <class Counts>
void add_each(Counts& to, const Counts& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

void Histogram::record(std::uint64_t microseconds) {
  const auto bucket = std::ranges::lower_bound(kLatencyBounds, microseconds);
  ++buckets[static_cast<std::size_t>(bucket - kLatencyBounds.begin())];
  ++count;
  sum_us += microseconds;
}

void Histogram::add(const Histogram& other) {
  add_each(buckets, other.buckets);
  count += other.count;
  sum_us += other.sum_us;
}

void EndpointCounters::add(const EndpointCounters& other) {
  add_each(status_class, other.status_class);
  partial += other.partial;
  latency.add(other.latency);
}

void BackendCounters::add(const BackendCounters& other) {
  calls += other.calls;
  add_each(errors, other.errors);
  retries += other.retries;
  latency.add(other.latency);
}

void ServerCounters::add(const ServerCounters& other) {
  connections_accepted += other.connections_accepted;
  connections_open += other.connections_open;
  tls_handshake_errors += other.tls_handshake_errors;
  malformed_requests += other.malformed_requests;
  requests_unmatched += other.requests_unmatched;
  requests_in_flight += other.requests_in_flight;
  requests_given_up += other.requests_given_up;
}

void WorkerMetrics::add(const WorkerMetrics& other) {
  server.add(other.server);
  for (const auto& [name, counters] : other.endpoints_) endpoints_[name].add(counters);
  for (const auto& [name, counters] : other.backends_) backends_[name].add(counters);
}

}  // namespace ropewalk::telemetry
