// Points in time as the Kubernetes API writes them. Pure.
#pragma once

#include <chrono>
#include <string>

namespace ropewalk::controller::kube {

using WallTime = std::chrono::system_clock::time_point;

std::string to_rfc3339(WallTime time);        // 2026-01-02T03:04:05Z
std::string to_rfc3339_micro(WallTime time);  // 2026-01-02T03:04:05.000006Z: MicroTime wants six

}  // namespace ropewalk::controller::kube
