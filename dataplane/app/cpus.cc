#include "dataplane/app/cpus.h"

#include "common/files.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace ropewalk::app {
namespace {

// Quota over period in CPUs, 0 without a limit.
double quota() {
  if (const auto v2 = read_file("/sys/fs/cgroup/cpu.max")) {
    char* rest = nullptr;
    const double most = std::strtod(v2->c_str(), &rest);  // "max 100000" gives 0
    const double period = std::strtod(rest, nullptr);
    return period > 0 ? most / period : 0;
  }
  const auto most = read_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period = read_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!most || !period) return 0;
  const double value = std::strtod(most->c_str(), nullptr);
  const double over = std::strtod(period->c_str(), nullptr);
  return value > 0 && over > 0 ? value / over : 0;
}

}  // namespace

std::size_t granted_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const double affinity = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  const double limit = quota();
  const double granted = limit > 0 ? std::min(affinity, std::ceil(limit)) : affinity;
  return std::max<std::size_t>(1, static_cast<std::size_t>(granted));
}

}  // namespace ropewalk::app
