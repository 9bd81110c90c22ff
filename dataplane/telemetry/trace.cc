#include "dataplane/telemetry/trace.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ropewalk::telemetry {
namespace {

constexpr std::int64_t kMicrosecond = 1000;
constexpr std::size_t kLongestState = 512;  // W3C Trace Context 3.3.1.5

bool skipped(const std::vector<std::string>& paths, std::string_view path) {
  return std::ranges::any_of(paths, [&](const std::string& skip) {
    return path == skip || (skip.ends_with('/') && path.starts_with(skip));
  });
}

// The rightmost bits decide, so that every gateway of a trace decides alike.
bool chosen(double rate, std::uint64_t trace_low) {
  return rate >= 1 || static_cast<double>(trace_low >> 11) < rate * 0x1p53;
}

}  // namespace

std::uint64_t Trace::new_span() {
  // splitmix64 over the request's own id: different for each call of a trace, which is all it must.
  std::uint64_t z = context.span + ++calls * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  z ^= z >> 31;
  return z ? z : 1;
}

void Trace::append_fields(std::string& out, std::uint64_t span) const {
  TraceContext call = context;
  call.span = tracer->span_of_call(*this, span);
  out += "Traceparent: " + format_traceparent(call) + "\r\n";
  if (!state.empty()) out += "Tracestate: " + state + "\r\n";
}

Trace Tracer::begin(std::string_view path, std::string_view parent, std::string_view state,
                    std::int64_t now_ns, const std::uint64_t (&random)[3]) {
  Trace out;
  if (skipped(settings_.skip_paths, path)) return out;
  out.tracer = shared_from_this();
  out.started_ns = now_ns;
  out.context = {random[0], random[1], random[2] | 1, chosen(settings_.sample_rate, random[1])};
  const auto known = settings_.propagation ? parse_traceparent(parent) : std::nullopt;
  if (!known) return out;
  out.context.trace_high = known->trace_high;
  out.context.trace_low = known->trace_low;
  out.context.sampled = known->sampled;
  out.parent = known->span;
  if (state.size() <= kLongestState) out.state = state;
  return out;
}

std::uint64_t Tracer::span_of_call(const Trace& trace, std::uint64_t span) const {
  if (settings_.backend_spans) return span;
  return settings_.request_spans || trace.parent == 0 ? trace.context.span : trace.parent;
}

void Tracer::finish(const Trace& trace, const AccessRecord& record) {
  if (!trace.context.sampled) return;
  std::vector<Span> spans;
  if (settings_.request_spans) {
    Span span{.context = trace.context, .parent = trace.parent, .server = true};
    const bool known = !record.endpoint.empty();
    span.name = known ? std::string(record.endpoint) : std::string(record.method);
    span.start_ns = trace.started_ns;
    span.end_ns = trace.started_ns + static_cast<std::int64_t>(record.duration_us) * kMicrosecond;
    span.state = trace.state;
    if (record.status >= 500) span.error = "status " + std::to_string(record.status);
    if (record.status == 0) span.error = "the client went away";
    span.attributes = {{"http.request.method", std::string(record.method)},
                       {"url.path", std::string(record.target.substr(0, record.target.find('?')))},
                       {"server.address", std::string(record.host)},
                       {"client.address", std::string(record.client)},
                       {"http.response.status_code", {}, static_cast<std::int64_t>(record.status)},
                       {"http.response.body.size", {}, static_cast<std::int64_t>(record.bytes)},
                       {"ropewalk.request_id", std::string(record.request_id)}};
    if (known) {
      const auto blank = record.endpoint.find(' ');
      span.attributes.push_back(
          {"http.route",
           std::string(record.endpoint.substr(blank == std::string_view::npos ? 0 : blank + 1))});
    }
    spans.push_back(std::move(span));
  }
  for (const PartRecord& part : record.parts) {
    if (!settings_.backend_spans || part.span == 0) continue;
    Span span{.context = trace.context,
              .parent = settings_.request_spans ? trace.context.span : trace.parent,
              .server = false};
    span.context.span = part.span;
    span.name = part.backend;
    span.start_ns = trace.started_ns + static_cast<std::int64_t>(part.started_us) * kMicrosecond;
    span.end_ns = span.start_ns + static_cast<std::int64_t>(part.duration_us) * kMicrosecond;
    span.error = part.error;
    span.state = trace.state;
    span.attributes = {{"server.address", std::string(part.address)},
                       {"http.response.status_code", {}, static_cast<std::int64_t>(part.status)}};
    spans.push_back(std::move(span));
  }
  push(std::move(spans));
}

void Tracer::push(std::vector<Span> spans) {
  const std::lock_guard lock(mutex_);
  for (Span& span : spans)
    if (waiting_.size() < settings_.most_waiting)
      waiting_.push_back(std::move(span));
    else
      ++dropped_;
}

std::vector<Span> Tracer::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

std::uint64_t Tracer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace ropewalk::telemetry
