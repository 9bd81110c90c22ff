#include "config/extra/cors.h"

#include "config/duration.h"
#include "config/strict.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// Whole seconds; 0 when there is nothing to send. A number makes KrakenD panic.
std::int64_t max_age(StrictReader& block) {
  const json* value = block.find("max_age");
  if (!value) return 0;
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (!value->is_string()) {
    block.refuse_value("max_age", "a duration such as 1h30m", *value);
    return 0;
  }
  const auto duration = parse_duration(value->get_ref<const std::string&>());
  if (!duration)
    block.diagnostics().warn(block.path_of("max_age"),
                             "ignored: expected a duration such as 1h30m, got " + shown(*value));
  return duration.value_or(0) / kSecond;
}

std::int64_t success_status(StrictReader& block) {
  constexpr std::int64_t kLowest = 200;
  constexpr std::int64_t kHighest = 999;
  const json* value = block.find("options_success_status");
  if (!value) return 0;
  if (value->is_number() && value->get<double>() == 0) return 0;  // KrakenD: the default
  if (value->is_number()) return block.integer("options_success_status", kLowest, kHighest);
  block.diagnostics().warn(block.path_of("options_success_status"),
                           "ignored: expected a status such as 200, got " + shown(*value));
  return 0;
}

}  // namespace

std::string read_cors(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  StrictReader block(extra, diagnostics);
  json out = json::object();
  for (const char* key : {"allow_origins", "allow_methods", "allow_headers", "expose_headers"})
    if (auto names = block.texts(key); !names.empty()) out[key] = std::move(names);
  for (const char* key : {"allow_credentials", "allow_private_network", "options_passthrough"})
    if (block.lenient_flag(key)) out[key] = true;
  if (const std::int64_t seconds = max_age(block); seconds != 0) out["max_age"] = seconds;
  if (const std::int64_t status = success_status(block); status != 0)
    out["options_success_status"] = status;
  block.lenient_flag("debug");
  block.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
