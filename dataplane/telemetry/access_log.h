// One line per request on standard output, text or JSON, written by a thread of its own: workers
// only append to a buffer.
#pragma once

#include "common/log.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {

struct PartRecord {
  std::string_view backend;  // display name
  std::string_view address;  // the address called, "" when none was reached
  unsigned status = 0;       // 0: no answer
  std::uint64_t duration_us = 0;
  std::string_view error;  // "" without one
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
};

// Appends the line with its newline; control characters are escaped. Pure.
void format_access_record(std::string& out, const AccessRecord& record, log::Format format);

// Owned by the process, shared by its workers.
class AccessLog {
 public:
  // `descriptor` is written to by the thread (1: standard output). When the reader is slow and 8
  // MiB are waiting, lines are dropped and counted in a warning.
  AccessLog(log::Format format, int descriptor);
  ~AccessLog();                            // flushes
  void write(const AccessRecord& record);  // any thread; formats, then one short lock

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::telemetry
