// How many workers a process should have.
#pragma once

#include <cstddef>

namespace ropewalk::app {

// The CPUs that the cgroup (v2 or v1 quota) and the affinity mask grant, at least 1.
std::size_t granted_cpus();

}  // namespace ropewalk::app
