// telemetry/logging and telemetry/logstash, as config/extra/logging wrote them, for the process log
// and the access log. Pure.
#pragma once

#include "common/log_output.h"
#include "dataplane/telemetry/access_log.h"

#include <optional>
#include <string_view>

namespace ropewalk::app {

struct LogSettings {
  std::optional<log::Output> output;              // nothing: the block is absent
  std::optional<telemetry::AccessFormat> access;  // nothing: none is chosen
};

LogSettings log_settings(std::string_view logging, std::string_view logstash);

}  // namespace ropewalk::app
