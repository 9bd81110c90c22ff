#include "controller/kube/times.h"

#include <cstdio>
#include <ctime>

namespace ropewalk::controller::kube {
namespace {

std::string to_text(WallTime time, bool micro) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(since - seconds);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char out[48];
  const std::size_t n = std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S", &parts);
  if (!micro) return std::string(out, n) + "Z";
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(rest.count()));
  return std::string(out, n) + fraction;
}

}  // namespace

std::string to_rfc3339(WallTime time) { return to_text(time, false); }
std::string to_rfc3339_micro(WallTime time) { return to_text(time, true); }

}  // namespace ropewalk::controller::kube
