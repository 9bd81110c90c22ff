#include "dataplane/app/log_settings.h"

#include "dataplane/pipeline/block.h"

namespace ropewalk::app {
namespace {

using pipeline::flag_of;
using pipeline::text_of;

log::Level level_of(const std::string& name) {
  if (name == "INFO") return log::Level::info;
  if (name == "WARNING") return log::Level::warning;
  // Nothing is worse than an error here.
  if (name == "ERROR" || name == "CRITICAL") return log::Level::error;
  return log::Level::debug;
}

std::optional<telemetry::AccessFormat> access_format(const json::Value& block) {
  using Style = telemetry::AccessFormat::Style;
  const std::string name = text_of(block, "access_log_format");
  telemetry::AccessFormat out;
  out.prefix = text_of(block, "prefix");
  if (name.empty()) return std::nullopt;
  out.style = name == "httpdCommon"    ? Style::common
              : name == "httpdCombine" ? Style::combined
              : name == "json"         ? Style::json
              : name == "custom"       ? Style::pattern
                                       : Style::gin;
  if (out.style == Style::pattern)
    out.pattern = log::parse_pattern(text_of(block, "access_log_custom_format"))
                      .value_or(std::vector<log::Piece>());
  return out;
}

}  // namespace

LogSettings log_settings(std::string_view logging, std::string_view logstash) {
  LogSettings out;
  constexpr int kLocal3 = 19;
  const auto stash = json::parse(logstash);
  if (const auto block = json::parse(logging)) {
    out.access = access_format(*block);
    log::Output output;
    output.level = level_of(text_of(*block, "level"));
    output.prefix = text_of(*block, "prefix");
    output.standard_output = flag_of(*block, "stdout");
    const std::string format = text_of(*block, "format");
    if (format == "logstash") output.style = log::Style::logstash;
    if (format == "custom") output.style = log::Style::pattern;
    output.pattern = text_of(*block, "custom_format");
    if (flag_of(*block, "syslog"))
      output.facility = log::parse_facility(text_of(*block, "syslog_facility")).value_or(kLocal3);
    out.output = std::move(output);
  }
  if (stash && flag_of(*stash, "enabled")) {
    if (!out.output) out.output.emplace();
    out.output->style = log::Style::logstash;
  }
  return out;
}

}  // namespace ropewalk::app
