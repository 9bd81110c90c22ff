// One line per request on standard output, text or JSON, written by a thread of its own: workers
// only append to a buffer.
#pragma once

#include "common/log.h"
#include "common/log_output.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::telemetry {

struct PartRecord {
  std::string_view backend;  // display name
  std::string_view address;  // the address called, "" when none was reached
  unsigned status = 0;       // 0: no answer
  std::uint64_t duration_us = 0;
  std::string_view error;        // "" without one
  std::uint64_t started_us = 0;  // after the request began
  std::uint64_t span = 0;        // of a trace, 0 without one
};

struct AccessRecord {
  std::int64_t time_ms = 0;  // since 1970
  std::string_view request_id;
  std::string_view client;  // address
  std::string_view method;
  std::string_view host;
  std::string_view target;    // path and query as received
  std::string_view endpoint;  // "GET /v1/products", "" when nothing matched
  unsigned status = 0;        // 0: the client went away
  std::uint64_t bytes = 0;    // body bytes sent
  std::uint64_t duration_us = 0;
  bool completed = false;  // X-Krakend-Completed
  std::span<const PartRecord> parts;
  unsigned version = 11;  // of HTTP: 10 or 11
  std::string_view referer;
  std::string_view user_agent;
};

// How a line looks. `pattern` counts for Style::pattern only: texts and the variables
// %{prefix} %{time} %{time:LAYOUT} %{statusCode} %{latencyMs} %{latency} %{clientIP} %{method}
// %{path} %{query} %{host} %{endpoint} %{size} %{userAgent} %{referer} %{requestId} %{protocol}.
struct AccessFormat {
  enum class Style : std::uint8_t {
    text,
    json,
    gin,       // KrakenD's own: [GIN] 2026/01/31 - 12:00:00 | 200 |  1.2ms |  192.0.2.1 | GET "/a"
    common,    // httpdCommon
    combined,  // httpdCombine
    pattern,
  };
  Style style = Style::text;
  std::string prefix;
  std::vector<log::Piece> pattern;
  bool operator==(const AccessFormat&) const = default;
};

// Appends the line with its newline; control characters are escaped. Pure.
void format_access_record(std::string& out, const AccessRecord& record, log::Format format);
void format_access_record(std::string& out, const AccessRecord& record, const AccessFormat& format);

// Owned by the process, shared by its workers.
class AccessLog {
 public:
  // `descriptor` is written to by the thread (1: standard output). When the reader is slow and 8
  // MiB are waiting, lines are dropped and counted in a warning.
  AccessLog(log::Format format, int descriptor);
  ~AccessLog();                            // flushes
  void write(const AccessRecord& record);  // any thread; formats, then one short lock
  // Whether lines say what became of each backend call. Any thread.
  bool shows_parts() const;
  // From the next line on; nothing: the format it began with. The control side only.
  void use(std::optional<AccessFormat> format);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::telemetry
