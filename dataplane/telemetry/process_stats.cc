#include "dataplane/telemetry/process_stats.h"

#include "common/files.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace ropewalk::telemetry {
namespace {

// The fields of /proc/self/stat after the command's name, which may hold blanks and brackets:
// [0] is the state, field 3 of proc(5).
std::vector<std::string> stat_fields() {
  const auto text = read_file("/proc/self/stat");
  if (!text) return {};
  const auto end_of_name = text->rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest(text->substr(end_of_name + 1));
  std::vector<std::string> out;
  for (std::string field; rest >> field;) out.push_back(field);
  return out;
}

double boot_time() {
  const auto text = read_file("/proc/stat");
  if (!text) return 0;
  const auto at = text->find("btime ");
  return at == std::string::npos ? 0 : std::strtod(text->c_str() + at + 6, nullptr);
}

}  // namespace

ProcessStats read_process_stats() {
  constexpr std::size_t kUserTime = 11, kSystemTime = 12, kStartTime = 19, kResidentPages = 21;
  ProcessStats stats;
  const auto fields = stat_fields();
  if (fields.size() > kResidentPages) {
    const auto number = [&](std::size_t i) { return std::strtod(fields[i].c_str(), nullptr); };
    const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    stats.cpu_seconds = (number(kUserTime) + number(kSystemTime)) / ticks;
    stats.start_time_seconds = boot_time() + number(kStartTime) / ticks;
    stats.resident_bytes = static_cast<std::uint64_t>(number(kResidentPages)) *
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  std::error_code ignored;
  for (std::filesystem::directory_iterator at("/proc/self/fd", ignored);
       !ignored && at != std::filesystem::directory_iterator(); at.increment(ignored))
    ++stats.open_descriptors;
  if (stats.open_descriptors > 0) --stats.open_descriptors;  // the one that reads the folder
  return stats;
}

}  // namespace ropewalk::telemetry
