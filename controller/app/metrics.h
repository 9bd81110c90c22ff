// The controller's figures as Prometheus text. Pure.
#pragma once

#include "controller/push/node_report.h"
#include "controller/translate/translate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct ControllerFigures {
  std::uint64_t translations = 0;
  double translation_seconds = 0;  // sum over all
  std::size_t resources = 0;       // of the newest one
  bool leading = true;
  bool gateway_config_rejected = false;
};

std::string render_metrics(const ControllerFigures& figures, const Translation& translation,
                           const std::vector<NodeReport>& nodes);

}  // namespace ropewalk::controller
