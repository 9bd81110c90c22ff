// W3C Trace Context (https://www.w3.org/TR/trace-context/): the identity of a trace as it travels
// in `traceparent`. Pure data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {

struct TraceContext {
  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;
  bool sampled = false;
  bool operator==(const TraceContext&) const = default;
};

// Nothing for what is no traceparent; versions above 00 are read as far as 00 goes.
std::optional<TraceContext> parse_traceparent(std::string_view text);
// "00-<32 hex>-<16 hex>-01".
std::string format_traceparent(const TraceContext& context);
// As 16 and 8 bytes in network order.
std::string trace_id_bytes(const TraceContext& context);
std::string span_id_bytes(std::uint64_t span);

}  // namespace ropewalk::telemetry
