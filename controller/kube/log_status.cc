#include "controller/kube/log_status.h"

#include "common/log.h"

namespace ropewalk::controller::kube {
namespace {

std::string name_of(const ObjectKey& key) { return key.namespace_ + "/" + key.name; }

}  // namespace

void LogStatus::publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent> events) {
  const std::lock_guard lock(mutex_);
  std::map<std::pair<ObjectKey, std::string>, Condition> now;
  for (const ServiceStatus& status : statuses) {
    for (const Condition& condition : status.conditions) {
      const std::pair key(status.service, condition.type);
      const auto old = said_.find(key);
      const bool same = old != said_.end() && old->second.status == condition.status &&
                        old->second.reason == condition.reason &&
                        old->second.message == condition.message;
      if (!same) {
        log::write(condition.status == "False" ? log::Level::warning : log::Level::info,
                   "service status",
                   {{"service", name_of(status.service)},
                    {"condition", condition.type},
                    {"status", condition.status},
                    {"reason", condition.reason},
                    {"message", condition.message}});
      }
      now.insert_or_assign(key, condition);
    }
  }
  said_ = std::move(now);
  events_.update(events);
  while (const auto due = events_.next()) {
    log::write(due->event.warning ? log::Level::warning : log::Level::info, "service event",
               {{"service", name_of(due->event.service)},
                {"reason", due->event.reason},
                {"message", due->event.message}});
    events_.told(*due);
  }
}

}  // namespace ropewalk::controller::kube
