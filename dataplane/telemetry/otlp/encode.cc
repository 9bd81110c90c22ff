#include "dataplane/telemetry/otlp/encode.h"

#include "common/utf8.h"
#include "common/version.h"
#include "dataplane/telemetry/protobuf_writer.h"

#include <array>
#include <bit>

namespace ropewalk::telemetry {
namespace {

constexpr std::uint64_t kServer = 2;  // Span.SpanKind
constexpr std::uint64_t kClient = 3;
constexpr std::uint64_t kError = 2;       // Status.StatusCode
constexpr std::uint64_t kCumulative = 2;  // AggregationTemporality

// A string of Protocol Buffers: one byte of a client's that is no UTF-8 would make a receiver
// refuse all the spans beside it.
void append_text(ProtobufWriter& out, std::uint32_t field, std::string_view text) {
  if (is_utf8(text))
    out.bytes(field, text);
  else
    out.bytes(field, to_utf8(text));
}

ProtobufWriter attribute(std::string_view key, std::string_view text) {
  ProtobufWriter value;
  append_text(value, 1, text);
  ProtobufWriter out;
  out.bytes(1, key);
  out.message(2, value);
  return out;
}

ProtobufWriter attribute(std::string_view key, std::int64_t number) {
  ProtobufWriter value;
  value.varint(3, static_cast<std::uint64_t>(number));
  ProtobufWriter out;
  out.bytes(1, key);
  out.message(2, value);
  return out;
}

ProtobufWriter resource_message(const OtlpResource& resource) {
  ProtobufWriter out;
  out.message(1, attribute("service.name", resource.service_name));
  if (!resource.service_version.empty())
    out.message(1, attribute("service.version", resource.service_version));
  if (!resource.environment.empty())
    out.message(1, attribute("deployment.environment", resource.environment));
  out.message(1, attribute("telemetry.sdk.language", "cpp"));
  out.message(1, attribute("telemetry.sdk.name", "ropewalk"));
  out.message(1, attribute("telemetry.sdk.version", kVersion));
  return out;
}

ProtobufWriter scope() {
  ProtobufWriter out;
  out.bytes(1, "ropewalk");
  out.bytes(2, kVersion);
  return out;
}

ProtobufWriter span_message(const Span& span) {
  ProtobufWriter out;
  out.bytes(1, trace_id_bytes(span.context));
  out.bytes(2, span_id_bytes(span.context.span));
  if (!span.state.empty()) append_text(out, 3, span.state);
  if (span.parent != 0) out.bytes(4, span_id_bytes(span.parent));
  append_text(out, 5, span.name);
  out.varint(6, span.server ? kServer : kClient);
  out.fixed64(7, static_cast<std::uint64_t>(span.start_ns));
  out.fixed64(8, static_cast<std::uint64_t>(span.end_ns));
  for (const SpanAttribute& one : span.attributes)
    out.message(9,
                one.text.empty() ? attribute(one.key, one.number) : attribute(one.key, one.text));
  if (!span.error.empty()) {
    ProtobufWriter status;
    append_text(status, 2, span.error);
    status.varint(3, kError);
    out.message(15, status);
  }
  return out;
}

ProtobufWriter number_point(const MetricPoint& point, std::int64_t start_ns, std::int64_t now_ns) {
  ProtobufWriter out;
  out.fixed64(2, static_cast<std::uint64_t>(start_ns));
  out.fixed64(3, static_cast<std::uint64_t>(now_ns));
  out.fixed64(6, point.value);
  for (const auto& [key, value] : point.labels) out.message(7, attribute(key, value));
  return out;
}

ProtobufWriter histogram_point(const MetricPoint& point, std::int64_t start_ns,
                               std::int64_t now_ns) {
  std::array<std::uint64_t, kLatencyBounds.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i)
    bounds[i] = std::bit_cast<std::uint64_t>(kLatencyBounds[i] / 1e6);
  ProtobufWriter out;
  out.fixed64(2, static_cast<std::uint64_t>(start_ns));
  out.fixed64(3, static_cast<std::uint64_t>(now_ns));
  out.fixed64(4, point.histogram.count);
  out.real(5, static_cast<double>(point.histogram.sum_us) / 1e6);
  out.packed_fixed64(6, point.histogram.buckets);
  out.packed_fixed64(7, bounds);
  for (const auto& [key, value] : point.labels) out.message(9, attribute(key, value));
  return out;
}

ProtobufWriter metric_message(const Metric& metric, std::int64_t start_ns, std::int64_t now_ns) {
  ProtobufWriter data;
  for (const MetricPoint& point : metric.points)
    data.message(1, metric.type == Metric::Type::histogram
                        ? histogram_point(point, start_ns, now_ns)
                        : number_point(point, start_ns, now_ns));
  ProtobufWriter out;
  out.bytes(1, metric.name);
  out.bytes(2, metric.help);
  out.bytes(3, metric.unit);
  switch (metric.type) {
    case Metric::Type::gauge:
      out.message(5, data);
      break;
    case Metric::Type::counter:
      data.varint(2, kCumulative);
      data.varint(3, 1);
      out.message(7, data);
      break;
    case Metric::Type::histogram:
      data.varint(2, kCumulative);
      out.message(9, data);
      break;
  }
  return out;
}

// The outer levels of both requests are alike: resource, scope, then what was measured.
std::string request(const OtlpResource& resource, const ProtobufWriter& scoped) {
  ProtobufWriter of_resource;
  of_resource.message(1, resource_message(resource));
  of_resource.message(2, scoped);
  ProtobufWriter out;
  out.message(1, of_resource);
  return out.text();
}

}  // namespace

std::string encode_spans(const OtlpResource& resource, std::span<const Span> spans) {
  ProtobufWriter scoped;
  scoped.message(1, scope());
  for (const Span& span : spans) scoped.message(2, span_message(span));
  return request(resource, scoped);
}

std::string encode_metrics(const OtlpResource& resource, const std::vector<Metric>& metrics,
                           std::int64_t start_ns, std::int64_t now_ns) {
  ProtobufWriter scoped;
  scoped.message(1, scope());
  for (const Metric& metric : metrics)
    if (!metric.points.empty()) scoped.message(2, metric_message(metric, start_ns, now_ns));
  return request(resource, scoped);
}

}  // namespace ropewalk::telemetry
