// The small interface between a request and tracing: a trace begins with the head of a request,
// each call to a backend takes a span of it, and the access record at the end becomes the spans.
// Without tracing there is no Tracer, and that costs one branch.
#pragma once

#include "dataplane/telemetry/access_log.h"
#include "dataplane/telemetry/trace_context.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::telemetry {

class Tracer;

// Of one request, on its worker.
struct Trace {
  std::shared_ptr<Tracer> tracer;  // null: not traced
  TraceContext context;            // `span` is the request's own
  std::uint64_t parent = 0;        // of the client, 0 without one
  std::int64_t started_ns = 0;     // since 1970
  std::string state;               // tracestate, passed on as it came

  std::chrono::steady_clock::time_point begun;  // the same moment, set by who began it
  std::uint64_t calls = 0;                      // spans given out

  explicit operator bool() const { return tracer != nullptr; }
  // The id of a new span below the request's.
  std::uint64_t new_span();
  // Lines "Traceparent: ...\r\n" (and Tracestate) for a call whose span is `span`.
  void append_fields(std::string& out, std::uint64_t span) const;
};

struct SpanAttribute {
  std::string_view key;  // a literal
  std::string text;      // "" : `number` counts
  std::int64_t number = 0;
};

struct Span {
  TraceContext context;
  std::uint64_t parent = 0;
  bool server = false;  // else a call to a backend
  std::string name;
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::string error;  // "" for none
  std::string state;
  std::vector<SpanAttribute> attributes;
};

struct TracerSettings {
  double sample_rate = 1;
  bool request_spans = true;
  bool backend_spans = true;
  bool propagation = true;              // the client's traceparent is heeded
  std::vector<std::string> skip_paths;  // exact, or a prefix when it ends in '/'
  std::size_t most_waiting = 1u << 14;  // spans; more are dropped and counted
};

// Shared by the workers and the exporters: any thread. Spans wait here, bounded, until an exporter
// takes them.
class Tracer : public std::enable_shared_from_this<Tracer> {
 public:
  explicit Tracer(TracerSettings settings) : settings_(std::move(settings)) {}

  // `random`: three words that nobody can foresee the trace by. `parent` and `state` are the values
  // of traceparent and tracestate, "" without. A trace that is not sampled is carried on to the
  // backends, but no span is kept. Null when the path is skipped.
  Trace begin(std::string_view path, std::string_view parent, std::string_view state,
              std::int64_t now_ns, const std::uint64_t (&random)[3]);
  // What a backend hears as its parent, where the call has the id `span`: that of the nearest span
  // that is exported.
  std::uint64_t span_of_call(const Trace& trace, std::uint64_t span) const;
  // Makes the spans of a request that has ended; the parts with a span are its calls.
  void finish(const Trace& trace, const AccessRecord& record);

  std::vector<Span> take();
  std::uint64_t dropped() const;

 private:
  void push(std::vector<Span> spans);

  const TracerSettings settings_;
  mutable std::mutex mutex_;
  std::vector<Span> waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace ropewalk::telemetry
