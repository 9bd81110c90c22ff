// Where a source has no status to write to: each transition is one line in the log. Any thread, one
// call at a time.
#pragma once

#include "controller/kube/status_plan.h"
#include "controller/objects/source.h"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::controller::kube {

class LogStatus final : public StatusSink {
 public:
  void publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent> events) override;

 private:
  std::mutex mutex_;
  std::map<std::pair<ObjectKey, std::string>, Condition> said_;  // by Service and type
  EventLedger events_;
};

}  // namespace ropewalk::controller::kube
