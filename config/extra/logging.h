// extra_config."telemetry/logging" and "telemetry/logstash" of the service. What cannot be used is
// a warning and counts as absent. One thread.
#pragma once

#include "config/extra.h"

#include <string>

namespace ropewalk::config {

// The text that travels in Service.extra_config: level (DEBUG INFO WARNING ERROR CRITICAL), prefix,
// format (default logstash custom), custom_format, stdout, syslog, syslog_facility,
// access_log_format (default httpdCommon httpdCombine json custom), access_log_custom_format; what
// is absent or false left out. "" when there is nothing.
std::string read_logging(const ExtraValue& extra, Diagnostics& diagnostics);

// {"enabled":true}, or "".
std::string read_logstash(const ExtraValue& extra, Diagnostics& diagnostics);

}  // namespace ropewalk::config
