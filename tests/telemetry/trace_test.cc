#include "dataplane/telemetry/trace.h"

#include <gtest/gtest.h>

namespace ropewalk::telemetry {
namespace {

constexpr std::string_view kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsWhatTheStandardAllows) {
  const auto context = parse_traceparent(kParent);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_high, 0x4bf92f3577b34da6u);
  EXPECT_EQ(context->trace_low, 0xa3ce929d0e0e4736u);
  EXPECT_EQ(context->span, 0x00f067aa0ba902b7u);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(format_traceparent(*context), kParent);
  EXPECT_TRUE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more"));
  for (const char* bad : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                          "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"})
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
}

Trace begin(const std::shared_ptr<Tracer>& tracer, std::string_view path, std::string_view parent,
            std::uint64_t low = 2) {
  const std::uint64_t random[3] = {1, low, 4};
  return tracer->begin(path, parent, parent.empty() ? "" : "vendor=1", 1000, random);
}

TEST(Tracer, GoesOnWithTheTraceOfTheClient) {
  const auto tracer = std::make_shared<Tracer>(TracerSettings{});
  const Trace trace = begin(tracer, "/a", kParent);
  EXPECT_EQ(trace.parent, 0x00f067aa0ba902b7u);
  EXPECT_EQ(trace.context, (TraceContext{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 5, true}));
  std::string fields;
  trace.append_fields(fields, 0x99);
  EXPECT_EQ(fields,
            "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000099-01\r\n"
            "Tracestate: vendor=1\r\n");
  Trace calls = trace;
  const std::uint64_t first = calls.new_span();
  EXPECT_NE(first, calls.new_span());
  EXPECT_NE(first, trace.context.span);
  const Trace fresh = begin(tracer, "/a", "nonsense");
  EXPECT_EQ(fresh.context, (TraceContext{1, 2, 5, true}));
  EXPECT_EQ(fresh.parent, 0u);
  EXPECT_EQ(fresh.state, "");
}

TEST(Tracer, SamplesByTheTraceAndSkipsPaths) {
  TracerSettings settings;
  settings.sample_rate = 0.5;
  settings.skip_paths = {"/__health", "/__debug/"};
  const auto tracer = std::make_shared<Tracer>(settings);
  EXPECT_TRUE(begin(tracer, "/a", "", 1).context.sampled);
  EXPECT_FALSE(begin(tracer, "/a", "", ~std::uint64_t{0}).context.sampled);
  EXPECT_FALSE(begin(tracer, "/__health", ""));
  EXPECT_FALSE(begin(tracer, "/__debug/x", ""));
  EXPECT_TRUE(begin(tracer, "/__healthy", ""));
  // The client's decision holds.
  EXPECT_TRUE(begin(tracer, "/a", kParent, ~std::uint64_t{0}).context.sampled);
}

AccessRecord record_with(std::span<const PartRecord> parts) {
  AccessRecord record;
  record.method = "GET";
  record.target = "/v1/x?secret=1";
  record.endpoint = "GET /v1/{id}";
  record.status = 502;
  record.duration_us = 30;
  record.parts = parts;
  return record;
}

TEST(Tracer, OneSpanPerRequestAndPerBackendCall) {
  const auto tracer = std::make_shared<Tracer>(TracerSettings{});
  const Trace trace = begin(tracer, "/v1/x", kParent);
  PartRecord parts[2];
  parts[0].backend = "shop";
  parts[0].status = 200;
  parts[0].started_us = 5;
  parts[0].duration_us = 10;
  parts[0].span = 0x77;
  parts[1].backend = "never called";
  tracer->finish(trace, record_with(parts));
  const auto spans = tracer->take();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_TRUE(spans[0].server);
  EXPECT_EQ(spans[0].name, "GET /v1/{id}");
  EXPECT_EQ(spans[0].parent, trace.parent);
  EXPECT_EQ(spans[0].start_ns, 1000);
  EXPECT_EQ(spans[0].end_ns, 31000);
  EXPECT_EQ(spans[0].error, "status 502");
  for (const SpanAttribute& one : spans[0].attributes)
    EXPECT_FALSE(one.text.contains("secret")) << one.key;
  EXPECT_FALSE(spans[1].server);
  EXPECT_EQ(spans[1].name, "shop");
  EXPECT_EQ(spans[1].parent, trace.context.span);
  EXPECT_EQ(spans[1].context.span, 0x77u);
  EXPECT_EQ(spans[1].start_ns, 6000);
  EXPECT_EQ(spans[1].end_ns, 16000);
  EXPECT_TRUE(tracer->take().empty());
}

TEST(Tracer, LayersCanBeOffAndTheQueueIsBounded) {
  TracerSettings settings;
  settings.request_spans = false;
  settings.most_waiting = 2;
  const auto tracer = std::make_shared<Tracer>(settings);
  PartRecord parts[3];
  for (PartRecord& part : parts) part.span = 1;
  tracer->finish(begin(tracer, "/a", kParent), record_with(parts));
  EXPECT_EQ(tracer->dropped(), 1u);
  const auto spans = tracer->take();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_FALSE(spans[0].server);
}

TEST(Tracer, WhatIsNotExportedIsNobodysParent) {
  struct Row {
    bool request_spans, backend_spans;
    std::string_view parent;
    std::uint64_t heard, parent_of_call;  // 0x77: the call's own; 5: the request's
  };
  constexpr std::uint64_t kClient = 0x00f067aa0ba902b7;
  for (const Row& row :
       {Row{true, true, kParent, 0x77, 5}, Row{false, true, kParent, 0x77, kClient},
        Row{true, false, kParent, 5, 0}, Row{false, false, kParent, kClient, 0},
        Row{false, true, "", 0x77, 0}, Row{false, false, "", 5, 0}}) {
    TracerSettings settings;
    settings.request_spans = row.request_spans;
    settings.backend_spans = row.backend_spans;
    const auto tracer = std::make_shared<Tracer>(settings);
    const Trace trace = begin(tracer, "/a", row.parent);
    EXPECT_EQ(tracer->span_of_call(trace, 0x77), row.heard);
    PartRecord part;
    part.span = 0x77;
    tracer->finish(trace, record_with(std::span(&part, 1)));
    const auto spans = tracer->take();
    ASSERT_EQ(spans.size(), std::size_t{row.request_spans} + std::size_t{row.backend_spans});
    if (row.backend_spans) EXPECT_EQ(spans.back().parent, row.parent_of_call);
  }
}

}  // namespace
}  // namespace ropewalk::telemetry
