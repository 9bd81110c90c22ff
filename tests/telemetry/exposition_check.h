// A strict reader of the Prometheus text format 0.0.4, for tests.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {

struct ParsedMetrics {
  std::string error;  // "" when the text keeps every rule; else the first line that breaks one
  std::map<std::string, double> samples;  // by series as written: name{a="b"}
  std::map<std::string, std::string> types;
};

ParsedMetrics check_exposition(std::string_view text);

}  // namespace ropewalk::telemetry
