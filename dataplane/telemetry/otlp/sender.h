// Brings one OTLP message to a collector. Used by the one thread of its exporter; waits for the
// answer, at most `timeout`.
#pragma once

#include "common/error.h"

#include <chrono>
#include <string>

namespace ropewalk::telemetry {

enum class Signal : std::uint8_t { traces, metrics };

class OtlpSender {
 public:
  virtual ~OtlpSender() = default;
  // Error: why the collector does not have it.
  virtual Result<void> send(Signal signal, const std::string& message,
                            std::chrono::milliseconds timeout) = 0;
};

}  // namespace ropewalk::telemetry
