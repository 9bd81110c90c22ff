#include "config/extra/logging.h"

#include "common/strings.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {

std::string read_logging(const ExtraValue& extra, Diagnostics& diagnostics) {
  constexpr std::array<std::string_view, 5> kLevels{"DEBUG", "INFO", "WARNING", "ERROR",
                                                    "CRITICAL"};
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  Reader reader(*extra.value, extra.path, diagnostics);
  const nlohmann::json* value = reader.find("level");
  std::string level;
  if (value && value->is_string()) level = to_upper(value->get_ref<const std::string&>());
  if (value && std::ranges::find(kLevels, level) == kLevels.end()) {
    diagnostics.warn(
        reader.path_of("level"),
        "ignored: expected DEBUG, INFO, WARNING, ERROR or CRITICAL, got " + shown(*value));
    level.clear();
  }
  for (const std::string_view key :
       {"prefix", "stdout", "syslog", "syslog_facility", "format", "custom_format",
        "access_log_format", "access_log_custom_format", "backend"})
    reader.ignore(key, "not supported yet and without effect");
  reader.finish();
  return level.empty() ? std::string() : R"({"level":")" + level + R"("})";
}

}  // namespace ropewalk::config
