// What the kernel says about this process (/proc/self). Any thread.
#pragma once

#include <cstdint>

namespace ropewalk::telemetry {

struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  double start_time_seconds = 0;  // since 1970
  double cpu_seconds = 0;         // user and system
};

// What cannot be read stays 0.
ProcessStats read_process_stats();

}  // namespace ropewalk::telemetry
