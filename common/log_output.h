// Where the process log goes and how its lines look, when a configuration says so
// (telemetry/logging); without one common/log.h writes text or JSON to standard error.
#pragma once

#include "common/log.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::log {

enum class Style {
  text,      // as without configuration
  json,      // as without configuration
  krakend,   // "[PREFIX] 2026/01/31 - 12:00:00.123 ▶ INFO message key=value"
  logstash,  // one JSON object: @timestamp, @version, level, message, module, then the fields
  pattern,   // Output::pattern
};

struct Output {
  Level level = Level::debug;
  Style style = Style::krakend;
  std::string prefix;
  std::string pattern;          // "%{time:15:04:05.000} %{level} %{message}"
  bool standard_output = true;  // false: nothing is printed, except errors when there is no syslog
  int facility = -1;            // 0 (kern) to 23 (local7): also to syslog; -1: not
  std::string syslog_path = "/dev/log";
  bool operator==(const Output&) const = default;
};

// From now on; nothing: as init() said. Any thread.
void configure(std::optional<Output> output);

// "local3" -> 19, "user" -> 1.
std::optional<int> parse_facility(std::string_view name);

// One line without its newline. Pure.
std::string render(const Output& output, Level level, std::int64_t ms_since_1970,
                   std::string_view message, const std::vector<Field>& fields);

// The time by a layout as Go writes them: "2006/01/02 - 15:04:05.000". UTC. Pure.
std::string format_time(std::string_view layout, std::int64_t ms_since_1970);

// "%{name}", "%{name:argument}" and the texts between; "" is the name of a text.
struct Piece {
  std::string name;
  std::string text;  // the argument, or the text itself
  bool operator==(const Piece&) const = default;
};
// Nothing when a brace is not closed.
std::optional<std::vector<Piece>> parse_pattern(std::string_view pattern);

// Message of RFC 3164 as the local daemon takes it: "<PRI>Jan 31 12:00:00 tag[pid]: text".
std::string syslog_message(int facility, Level level, std::int64_t ms_since_1970,
                           std::string_view tag, int pid, std::string_view text);

}  // namespace ropewalk::log
