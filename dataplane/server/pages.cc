// The gateway's own pages, and what is said of a finished request.
#include "common/strings.h"
#include "dataplane/http/target.h"
#include "dataplane/json/projection.h"
#include "dataplane/server/connection.h"
#include "dataplane/server/worker.h"

#include <algorithm>
#include <ctime>
#include <map>

namespace ropewalk::server {
namespace {

// As Go prints a time.Time: "2026-11-21 13:10:05.123456789 +0000 UTC".
std::string go_time() {
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  char nanoseconds[16];
  std::snprintf(nanoseconds, sizeof nanoseconds, ".%09ld", now.tv_nsec);
  return std::string(text, length) + nanoseconds + " +0000 UTC";
}

using Lists = std::map<std::string, std::vector<std::string>>;

void append_lists(std::string& out, const Lists& entries) {
  out += '{';
  bool first = true;
  for (const auto& [name, values] : entries) {
    if (!first) out += ',';
    first = false;
    json::append_string(out, name);
    out += ":[";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i) out += ',';
      json::append_string(out, values[i]);
    }
    out += ']';
  }
  out += '}';
}

// By their names as Go writes them, without Host.
Lists canonical_fields(const http::Fields& fields) {
  Lists out;
  for (const http::Field& field : fields)
    if (field.id != http::FieldId::host)
      out[pipeline::canonical(field.name)].emplace_back(field.value);
  return out;
}

// url.Values.Encode: sorted by name, values in their order.
std::string encoded(const Lists& query) {
  std::string out;
  for (const auto& [name, values] : query)
    for (const std::string& value : values) {
      if (!out.empty()) out += '&';
      http::append_query_escaped(out, name);
      out += '=';
      http::append_query_escaped(out, value);
    }
  return out;
}

}  // namespace

void Connection::answer_health() {
  answer_own(200, "application/json; charset=utf-8",
             "{\"agents\":{},\"now\":\"" + go_time() + "\",\"status\":\"ok\"}", false);
}

// The tail below /__debug/ and /__echo/ is a path parameter like any other.
bool Connection::refused_tail() {
  if (!serving_->graph().settings.path_decoding || match_.parameter_count == 0) return false;
  const auto tail = http::path_parameter(match_.parameters[0]);
  if (tail) return false;
  answer_own(400, "text/plain; charset=utf-8", "error: " + tail.error().message, false);
  return true;
}

void Connection::answer_debug() {
  if (refused_tail()) return;
  const http::RequestHead& head = reader_.head();
  Lists fields = canonical_fields(head.fields);
  const compile::Graph& graph = serving_->graph();
  const auto hide = [&fields](std::string_view name) {
    if (const auto found = fields.find(pipeline::canonical(name)); found != fields.end())
      found->second = {"***"};
  };
  for (const char* always : {"Authorization", "Cookie", "Proxy-Authorization"}) hide(always);
  for (const std::string& name : graph.secret_fields) hide(name);
  if (const auto found = fields.find("Referer"); found != fields.end())
    for (std::string& referer : found->second)
      referer = http::masked_query(referer, graph.secret_parameters);
  std::string headers;
  append_lists(headers, fields);
  log::debug("debug endpoint",
             {{"method", std::string(head.method)},
              {"target", http::masked_query(head.target, graph.secret_parameters)},
              {"headers", std::move(headers)},
              {"body", body_}});
  answer_own(200, "application/json; charset=utf-8", "{\"message\":\"pong\"}", false);
}

void Connection::answer_echo() {
  if (refused_tail()) return;
  const http::RequestHead& head = *gates_.head;
  Lists query;
  for (auto& [name, value] : http::parse_query(head.query)) query[name].push_back(value);
  const Lists fields = canonical_fields(head.fields);
  std::string out = "{\"req_uri\":";
  json::append_string(out, head.target);
  out += ",\"req_uri_details\":{\"fragment\":\"\",\"host\":";
  json::append_string(out, head.host);
  out += ",\"path\":";
  json::append_string(out, http::decode_path(head.path).value_or(std::string(head.path)));
  out += ",\"query\":";
  json::append_string(out, encoded(query));
  out += ",\"user\":\"\"},\"req_method\":";
  json::append_string(out, head.method);
  out += ",\"req_querystring\":";
  append_lists(out, query);
  out += ",\"req_body\":";
  json::append_string(out, body_);
  out += ",\"req_headers\":";
  append_lists(out, fields);
  out += '}';
  answer_own(200, "application/json; charset=utf-8", out, false);
}

void Connection::begin_trace() {
  const http::Fields& fields = reader_.head().fields;
  std::string_view parent;
  std::string_view state;
  for (const http::Field& field : fields) {
    if (field.id != http::FieldId::other) continue;
    if (parent.empty() && iequals(field.name, "traceparent")) parent = field.value;
    if (state.empty() && iequals(field.name, "tracestate")) state = field.value;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  trace_ =
      worker_.tracer()->begin(reader_.head().path, parent, state,
                              std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(),
                              {worker_.random(), worker_.random(), worker_.random()});
  trace_.begun = started_;
}

telemetry::AccessRecord Connection::access_record(std::uint64_t took_us) const {
  telemetry::AccessRecord out;
  const http::RequestHead& head = reader_.head();
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  out.time_ms = now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  out.request_id = request_id_;
  out.client = client_address_.empty() ? std::string_view(peer_address_) : client_address_;
  if (!request_id_.empty()) {  // a request that was understood
    out.method = head.method;
    out.host = head.host;
    out.target = head.target;
    out.version = head.version;
    out.user_agent = head.fields.value(http::FieldId::user_agent);
    if (const http::Field* referer = pipeline::find_field(head.fields, "Referer"))
      out.referer = referer->value;
  }
  if (plan_) out.endpoint = plan_->label;
  if (endpoint_) {  // the exchange was begun: no gate has answered
    out.completed = exchange_.outcome().completed;
    out.parts = exchange_.outcome().parts;
  }
  out.status = status_;
  out.bytes = body_bytes_;
  out.duration_us = took_us;
  return out;
}

void Connection::log_failures() const {
  for (const telemetry::PartRecord& part : exchange_.outcome().parts)
    if (!part.error.empty())
      log::error("a backend call failed", {{"endpoint", plan_->label},
                                           {"backend", std::string(part.backend)},
                                           {"address", std::string(part.address)},
                                           {"reason", std::string(part.error)},
                                           {"request_id", request_id_}});
}

void Connection::record() {
  if (serving_ == nullptr) return;
  telemetry::WorkerMetrics& metrics = worker_.metrics();
  --metrics.server.requests_in_flight;
  const auto took = runtime::Clock::now() - started_;
  const auto us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  if (plan_) {  // answered by a gate, perhaps
    auto& counters = *serving_->endpoint(match_.id).counters;
    ++counters.status_class[std::min(status_ / 100, 5u)];
    counters.latency.record(us);
  }
  const compile::Settings& settings = serving_->graph().settings;
  const auto& skipped = settings.logger_skip_paths;
  const bool logged = worker_.access_log() && settings.access_log &&
                      std::ranges::find(skipped, reader_.head().path) == skipped.end();
  // Why a backend failed is in the log, whatever the access log shows.
  const bool told = !worker_.access_log() || (logged && worker_.access_log()->shows_parts());
  if (endpoint_ && !told) log_failures();
  if (logged || trace_) {
    telemetry::AccessRecord entry = access_record(us);
    std::string target;
    std::string referer;
    if (const auto& secrets = serving_->graph().secret_parameters; !secrets.empty()) {
      target = http::masked_query(entry.target, secrets);
      referer = http::masked_query(entry.referer, secrets);
      entry.target = target;
      entry.referer = referer;
    }
    if (logged) worker_.access_log()->write(entry);
    if (trace_) trace_.tracer->finish(trace_, entry);
    trace_ = {};
  }
  serving_.reset();
}

}  // namespace ropewalk::server
