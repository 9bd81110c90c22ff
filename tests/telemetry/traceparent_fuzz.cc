// What a client sends as traceparent: what is accepted reads back as itself.
#include "dataplane/telemetry/trace_context.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ropewalk::telemetry;
  const auto context = parse_traceparent({reinterpret_cast<const char*>(data), size});
  if (context && parse_traceparent(format_traceparent(*context)) != context) std::abort();
  return 0;
}
