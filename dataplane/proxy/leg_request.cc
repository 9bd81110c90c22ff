// What a backend is asked: path, query and fields by KrakenD's forwarding rules.
#include "common/strings.h"
#include "dataplane/http/reference.h"
#include "dataplane/http/target.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/proxy/leg.h"
#include "dataplane/telemetry/trace.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ropewalk::proxy {

using http::FieldId;

namespace {

// BackendPlan::host_header: the backend is sent the Host that the client sent.
constexpr std::string_view kClientsHost = "preserve";

}  // namespace

Result<void> Leg::build() {
  path_.clear();
  call_request_.method =
      job_.plan->method.empty() ? job_.from->method : std::string_view(job_.plan->method);
  const auto& whole = job_.plan->whole_reference;
  if (!whole || !job_.values[*whole].data()) return job_.plan->url.append(path_, job_.values);
  auto target = http::relative_target(job_.values[*whole]);
  if (!target) return std::unexpected(std::move(target.error()));
  path_ = std::move(*target);
  return {};
}

// The backend's own copy of the request, for its filters to change.
void Leg::materialise() {
  const compile::BackendPlan& plan = *job_.plan;
  const pipeline::Request& from = *job_.from;
  request.arena.clear();
  request.method = call_request_.method;
  request.path = path_;
  request.params = from.params;
  request.body = from.body;
  request.has_body = job_.body.kind != backend::RequestBody::none;
  request.destination = {};
  request.host = {};
  if (plan.host_header == kClientsHost) request.host = owner_.leg_passage().head->host;
  request.query.clear();
  for (const auto& parameter : from.query)
    if (!plan.input_query_strings || plan.input_query_strings->has(parameter.first))
      request.query.push_back(parameter);
  request.headers.clear();
  bool agent = false;
  for (const http::Field& field : from.headers) {
    if (plan.input_headers && !plan.input_headers->has_field(field.name)) continue;
    agent |= field.id == FieldId::user_agent;
    request.headers.add(field.name, field.value, field.id);
  }
  if (!agent && plan.input_headers && !plan.input_headers->has_field("user-agent"))
    request.headers.add("User-Agent", job_.graph->identity.narrowed_user_agent,
                        FieldId::user_agent);
}

void Leg::append_query(const pipeline::Request& from, std::string_view path, bool narrow) {
  std::string& target = call_request_.target;
  const auto& allowed = job_.plan->input_query_strings;
  const auto dropped = [&](const std::string& name) {
    return narrow && allowed && !allowed->has(name);
  };
  if (from.query.empty()) return;
  // Sorted by name, equal names in their order (Go's url.Values.Encode).
  std::vector<std::size_t> order(from.query.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int names = from.query[a].first.compare(from.query[b].first);
    return names != 0 ? names < 0 : a < b;
  });
  const bool has_query = path.find('?') != std::string_view::npos;
  char separator = has_query ? '&' : '?';
  bool first_after_mark = has_query && target.ends_with('?');
  for (const std::size_t at : order) {
    const auto& [name, value] = from.query[at];
    if (dropped(name)) continue;
    if (!std::exchange(first_after_mark, false)) target += separator;
    http::append_query_escaped(target, name);
    target += '=';
    http::append_query_escaped(target, value);
    separator = '&';
  }
}

void Leg::append_fields(const pipeline::Request& from, bool narrow) {
  std::string& out = call_request_.fields;
  const auto& allowed = job_.plan->input_headers;
  bool accepts = false, agent = false;
  telemetry::Trace* trace = owner_.leg_trace();
  for (const http::Field& field : from.headers) {
    agent |= field.id == FieldId::user_agent;
    // The trace goes on below the gateway's own span.
    if (trace && (iequals(field.name, "traceparent") || iequals(field.name, "tracestate")))
      continue;
    if (narrow && allowed && !allowed->has_field(field.name)) continue;
    // Framing and host belong to the call; an empty Accept-Encoding or User-Agent counts as none.
    if (field.id == FieldId::host || field.id == FieldId::content_length ||
        field.id == FieldId::transfer_encoding)
      continue;
    if (field.id == FieldId::user_agent && field.value.empty()) continue;
    if (field.id == FieldId::accept_encoding) accepts |= !field.value.empty();
    put_canonical(out, field.name, field.value);
  }
  // Dropped by the backend's list, or taken away by a filter.
  if (narrow ? allowed && !allowed->has_field("user-agent") : !agent)
    put(out, "User-Agent", job_.graph->identity.narrowed_user_agent);
  if (trace) {
    span_ = trace->new_span();
    trace->append_fields(out, span_);
  }
  // Parts of a packed body cannot be unpacked.
  const bool part_only = pipeline::find_field(from.headers, "Range") != nullptr;
  call_request_.asks_for_gzip =
      !accepts && !part_only && job_.graph->settings.compression && call_request_.method != "HEAD";
  if (call_request_.asks_for_gzip) put(out, "Accept-Encoding", "gzip");
}

void Leg::serialise(const pipeline::Request& from, std::string_view path, bool narrow) {
  backend::Request& out = call_request_;
  if (!narrow) out.method = from.method;
  out.target.assign(path);
  out.fields.clear();
  append_query(from, path, narrow);
  append_fields(from, narrow);
  const std::string& host = job_.plan->host_header;
  out.host_header = host == kClientsHost ? owner_.leg_passage().head->host : std::string_view(host);
  if (!narrow) {
    const http::Field* own = from.headers.find(FieldId::host);
    if (own && !own->value.empty()) out.host_header = own->value;
  }
  out.body_kind = job_.body.kind;
  out.body_length = job_.body.length;
  out.body = {};
  const bool changed =
      !narrow && from.has_body &&
      (out.body_kind == backend::RequestBody::none || out.body_kind == backend::RequestBody::whole);
  if (changed) out.body_kind = backend::RequestBody::whole;
  if (out.body_kind == backend::RequestBody::whole) out.body = from.body;
  out.retry_when_idle_died =
      out.body_kind == backend::RequestBody::none && (out.method == "GET" || out.method == "HEAD");
}

}  // namespace ropewalk::proxy
