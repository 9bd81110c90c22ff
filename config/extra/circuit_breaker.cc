#include "config/extra/circuit_breaker.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {

std::string read_circuit_breaker(const ExtraValue& extra, Diagnostics& diagnostics) {
  constexpr std::int64_t kMostSeconds = 1'000'000'000;
  constexpr std::int64_t kMinute = 60;
  StrictReader reader(extra, diagnostics);
  const bool written = extra.value->is_object() && !extra.value->empty();
  // Any value that is not zero switches it on, also one whose whole part is.
  bool on = false;
  const auto whole = [&](std::string_view key) {
    const double value = reader.number(key).value_or(0);
    on = on || value > 0;
    return static_cast<std::int64_t>(std::min(value, static_cast<double>(kMostSeconds)));
  };
  const std::int64_t interval = whole("interval");
  const std::int64_t timeout = whole("timeout");
  const std::int64_t max_errors = whole("max_errors");
  const std::string name = reader.text("name");
  const bool log = reader.flag("log_status_change");
  reader.finish();
  if (!on && name.empty() && !log) {
    diagnostics.warn(extra.path, written ? "every value is zero: the breaker is off"
                                         : "empty: the breaker is off");
    return {};
  }
  const nlohmann::json out{{"interval_s", interval},
                           {"timeout_s", timeout == 0 ? kMinute : timeout},
                           {"max_errors", max_errors},
                           {"name", name},
                           {"log", log}};
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ropewalk::config
