#include "config/extra/logging.h"

#include "common/log_output.h"
#include "common/strings.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <string_view>

namespace ropewalk::config {
namespace {

using nlohmann::json;

using Names = std::span<const std::string_view>;

// The variables of the patterns (common/log_output.cc and dataplane/telemetry/access_styles.cc).
constexpr std::array<std::string_view, 6> kLogNames{"message", "level", "time",
                                                    "module",  "pid",   "program"};
constexpr std::array<std::string_view, 16> kAccessNames{
    "prefix", "time", "statusCode", "latencyMs", "latency",   "clientIP", "method",    "path",
    "query",  "host", "endpoint",   "size",      "userAgent", "referer",  "requestId", "protocol"};

class Logging {
 public:
  Logging(const ExtraValue& extra, Diagnostics& diagnostics)
      : reader_(*extra.value, extra.path, diagnostics) {}

  json read() {
    read_level();
    read_text("prefix");
    for (const char* key : {"stdout", "syslog"}) read_flag(key);
    read_facility();
    read_choice("format", {"default", "logstash", "custom"});
    read_pattern("custom_format", "format", kLogNames);
    read_choice("access_log_format", {"default", "httpdCommon", "httpdCombine", "json", "custom"});
    read_pattern("access_log_custom_format", "access_log_format", kAccessNames);
    reader_.ignore("backend",
                   "not supported yet and without effect: the access log names each "
                   "backend call");
    reader_.ignore("skip_paths", "without effect here: router.logger_skip_paths does this");
    reader_.finish();
    return std::move(out_);
  }

 private:
  void warn(const std::string& key, const std::string& expected, const json& value) {
    reader_.diagnostics().warn(reader_.path_of(key),
                               "ignored: expected " + expected + ", got " + shown(value));
  }

  std::string read_text(const std::string& key) {
    const json* value = reader_.find(key);
    if (!value) return {};
    if (!value->is_string()) {
      warn(key, "a text", *value);
      return {};
    }
    if (!value->get_ref<const std::string&>().empty()) out_[key] = *value;
    return value->get<std::string>();
  }

  void read_flag(const std::string& key) {
    const json* value = reader_.find(key);
    if (!value) return;
    if (!value->is_boolean())
      warn(key, "true or false", *value);
    else if (value->get<bool>())
      out_[key] = true;
  }

  void read_level() {
    const json* value = reader_.find("level");
    const std::string level = value && value->is_string()
                                  ? to_upper(value->get_ref<const std::string&>())
                                  : std::string();
    constexpr std::array kLevels{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
    if (std::ranges::find(kLevels, level) != kLevels.end())
      out_["level"] = level;
    else if (value)
      warn("level", "DEBUG, INFO, WARNING, ERROR or CRITICAL", *value);
  }

  void read_facility() {
    const json* value = reader_.find("syslog_facility");
    if (!value) return;
    if (value->is_string() && log::parse_facility(value->get_ref<const std::string&>()))
      out_["syslog_facility"] = *value;
    else
      warn("syslog_facility", "a name such as local3", *value);
  }

  void read_choice(const std::string& key, std::initializer_list<const char*> choices) {
    const std::string text = read_text(key);
    if (text.empty() || std::ranges::find(choices, text) != choices.end()) return;
    std::string list;
    for (const char* choice : choices) list += (list.empty() ? "" : ", ") + std::string(choice);
    warn(key, "one of " + list, json(text));
    out_.erase(key);
  }

  // Written where the key `format` says "custom".
  void read_pattern(const std::string& key, const std::string& format, Names names) {
    const std::string pattern = read_text(key);
    const bool wanted = out_.value(format, "") == "custom";
    const auto pieces = log::parse_pattern(pattern);
    if (pieces && wanted) warn_of_variables(key, *pieces, names);
    if (!pieces) {
      warn(key, "a pattern such as %{time} %{message}, each brace closed", json(pattern));
      out_.erase(key);
    }
    if (wanted && !out_.contains(key)) {
      reader_.diagnostics().warn(reader_.path_of(format), "ignored: custom needs " + key);
      out_.erase(format);
    }
    if (!wanted && out_.contains(key)) {
      reader_.diagnostics().warn(reader_.path_of(key), "ignored: " + format + " is not custom");
      out_.erase(key);
    }
  }

  void warn_of_variables(const std::string& key, const std::vector<log::Piece>& pieces,
                         Names names) {
    std::string list;
    for (const std::string_view name : names) {
      list += list.empty() ? "" : ", ";
      list += name;
    }
    for (const log::Piece& piece : pieces)
      if (!piece.name.empty() && std::ranges::find(names, piece.name) == names.end())
        reader_.diagnostics().warn(
            reader_.path_of(key),
            "variable %{" + piece.name + "} is without effect: known are " + list);
  }

  Reader reader_;
  json out_ = json::object();
};

}  // namespace

std::string read_logging(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  const json out = Logging(extra, diagnostics).read();
  return out.empty() ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string read_logstash(const ExtraValue& extra, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.warn(extra.path, "ignored: expected an object, got " + shown(*extra.value));
    return {};
  }
  Reader reader(*extra.value, extra.path, diagnostics);
  const json* enabled = reader.find("enabled");
  if (enabled && !enabled->is_boolean())
    diagnostics.warn(reader.path_of("enabled"),
                     "ignored: expected true or false, got " + shown(*enabled));
  reader.finish();
  return enabled && enabled->is_boolean() && enabled->get<bool>() ? R"({"enabled":true})" : "";
}

}  // namespace ropewalk::config
