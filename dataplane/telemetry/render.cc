// Which families there are; the format itself is in exposition.cc.
#include "common/version.h"
#include "dataplane/telemetry/exposition.h"
#include "dataplane/telemetry/metrics.h"
#include "dataplane/telemetry/process_stats.h"

namespace ropewalk::telemetry {
namespace {

constexpr std::array<std::string_view, 6> kStatusClasses = {"none", "1xx", "2xx",
                                                            "3xx",  "4xx", "5xx"};

void render_endpoints(Exposition& out, const WorkerMetrics& sum) {
  out.family("ropewalk_requests_total", "counter",
             "Requests by endpoint and class of the answer's status; none: the client went away.");
  for (const auto& [name, counters] : sum.endpoints())
    for (std::size_t i = 0; i < kStatusClasses.size(); ++i)
      if (counters.status_class[i] != 0 || i == 2 || i >= 4)
        out.sample(counters.status_class[i],
                   {{"endpoint", name}, {"status_class", kStatusClasses[i]}});
  out.family("ropewalk_request_duration_seconds", "histogram",
             "From the request's head to the end of its answer.");
  for (const auto& [name, counters] : sum.endpoints())
    out.sample(counters.latency, {{"endpoint", name}});
  out.family("ropewalk_partial_answers_total", "counter",
             "Answers that lack the part of at least one backend.");
  for (const auto& [name, counters] : sum.endpoints())
    out.sample(counters.partial, {{"endpoint", name}});
}

void render_backends(Exposition& out, const WorkerMetrics& sum) {
  out.family("ropewalk_backend_calls_total", "counter", "Calls to backends, without retries.");
  for (const auto& [key, counters] : sum.backends())
    out.sample(counters.calls, {{"endpoint", key.first}, {"backend", key.second}});
  out.family("ropewalk_backend_errors_total", "counter", "Failed calls by reason.");
  for (const auto& [key, counters] : sum.backends())
    for (std::size_t i = 0; i < counters.errors.size(); ++i)
      if (counters.errors[i] != 0)
        out.sample(counters.errors[i], {{"endpoint", key.first},
                                        {"backend", key.second},
                                        {"reason", to_string(static_cast<Kind>(i))}});
  out.family("ropewalk_backend_retries_total", "counter", "Calls that were tried once more.");
  for (const auto& [key, counters] : sum.backends())
    out.sample(counters.retries, {{"endpoint", key.first}, {"backend", key.second}});
  out.family("ropewalk_backend_duration_seconds", "histogram",
             "From the start of a call to the end of its answer or its failure.");
  for (const auto& [key, counters] : sum.backends())
    out.sample(counters.latency, {{"endpoint", key.first}, {"backend", key.second}});
}

void render_server(Exposition& out, const ServerCounters& server) {
  out.family("ropewalk_connections_accepted_total", "counter", "Connections of clients.");
  out.sample(server.connections_accepted);
  out.family("ropewalk_connections_open", "gauge", "Connections of clients that are open now.");
  out.sample(server.connections_open);
  out.family("ropewalk_requests_in_flight", "gauge", "Requests being answered now.");
  out.sample(server.requests_in_flight);
  out.family("ropewalk_requests_unmatched_total", "counter",
             "Requests that no endpoint matched (404 and 405).");
  out.sample(server.requests_unmatched);
  out.family("ropewalk_malformed_requests_total", "counter",
             "Requests refused because they broke the protocol or a limit.");
  out.sample(server.malformed_requests);
  out.family("ropewalk_tls_handshake_errors_total", "counter", "TLS handshakes that failed.");
  out.sample(server.tls_handshake_errors);
}

void render_state(Exposition& out, const GatewayState& state) {
  out.family("ropewalk_build_info", "gauge", "The program's version.");
  out.sample(std::uint64_t{1}, {{"version", kVersion}});
  out.family("ropewalk_config_info", "gauge", "The configuration that is served.");
  out.sample(std::uint64_t{1}, {{"version", state.config_version}});
  out.family("ropewalk_config_age_seconds", "gauge", "Since the configuration last changed.");
  out.sample(state.config_age_seconds);
  out.family("ropewalk_config_rejected", "gauge",
             "Resources of the newest configuration that are not in force; 1 for a file.");
  out.sample(state.config_rejected);
  if (state.controller_connected >= 0) {
    out.family("ropewalk_controller_connected", "gauge", "1 while the stream is up.");
    out.sample(static_cast<std::uint64_t>(state.controller_connected));
  }
  out.family("ropewalk_certificate_expiry_timestamp_seconds", "gauge",
             "When a certificate of the listener expires, in seconds since 1970.");
  for (const auto& certificate : state.certificates)
    out.sample(static_cast<double>(certificate.not_after), {{"name", certificate.name}});
}

void render_process(Exposition& out, const ProcessStats& stats) {
  out.family("process_resident_memory_bytes", "gauge", "Resident memory.");
  out.sample(stats.resident_bytes);
  out.family("process_open_fds", "gauge", "Open file descriptors.");
  out.sample(stats.open_descriptors);
  out.family("process_start_time_seconds", "gauge", "Start of the process since 1970.");
  out.sample(stats.start_time_seconds);
  out.family("process_cpu_seconds_total", "counter", "User and system CPU time.");
  out.sample(stats.cpu_seconds);
}

}  // namespace

std::string render_metrics(const WorkerMetrics& sum, const GatewayState& state) {
  Exposition out;
  render_endpoints(out, sum);
  render_backends(out, sum);
  render_server(out, sum.server);
  render_state(out, state);
  render_process(out, read_process_stats());
  return out.take();
}

}  // namespace ropewalk::telemetry
