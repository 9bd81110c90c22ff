#include "controller/kube/status_plan.h"

#include "common/strings.h"
#include "common/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMessage = 1024;
constexpr const char* kReporter = "ropewalk.dev/controller";

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const Condition* find(const std::vector<Condition>& conditions, const std::string& type) {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace

std::string shortened(const std::string& message) { return cut_utf8(message, kMaxMessage, "..."); }

std::optional<std::string> plan_status_patch(const Service& current,
                                             const std::vector<Condition>& wanted,
                                             const std::set<std::string>& withdrawn, WallTime now) {
  json conditions = json::array();
  for (const Condition& condition : wanted) {
    const Condition* old = find(current.conditions, condition.type);
    const std::string message = shortened(condition.message);
    if (old && old->status == condition.status && old->reason == condition.reason &&
        old->message == message && old->observed_generation == condition.observed_generation) {
      continue;
    }
    const bool same_status = old && old->status == condition.status;
    json entry = {
        {"type", condition.type},
        {"status", condition.status},
        {"reason", condition.reason},
        {"message", message},
        {"lastTransitionTime", same_status ? old->last_transition_time : to_rfc3339(now)}};
    if (condition.observed_generation != 0) {
      entry["observedGeneration"] = condition.observed_generation;
    } else if (old && old->observed_generation != 0) {
      entry["observedGeneration"] = nullptr;
    }
    conditions.push_back(std::move(entry));
  }
  for (const std::string& type : withdrawn) {
    if (find(wanted, type) || !find(current.conditions, type)) continue;
    conditions.push_back({{"$patch", "delete"}, {"type", type}});
  }
  if (conditions.empty()) return {};
  return dump({{"metadata",
                {{"uid", current.meta.uid}, {"resourceVersion", current.meta.resource_version}}},
               {"status", {{"conditions", std::move(conditions)}}}});
}

std::string event_name(const ServiceEvent& event) {
  const std::string identity = event.uid + '\0' + event.reason + '\0' + shortened(event.message);
  // Names end at 253 characters.
  return event.service.name.substr(0, 200) + "." + sha256_hex(identity).substr(0, 16);
}

std::string event_body(const ServiceEvent& event, const std::string& identity, WallTime now) {
  return dump({{"apiVersion", "events.k8s.io/v1"},
               {"kind", "Event"},
               {"metadata", {{"name", event_name(event)}, {"namespace", event.service.namespace_}}},
               {"regarding",
                {{"apiVersion", "v1"},
                 {"kind", "Service"},
                 {"namespace", event.service.namespace_},
                 {"name", event.service.name},
                 {"uid", event.uid}}},
               {"type", event.warning ? "Warning" : "Normal"},
               {"reason", event.reason},
               {"action", "Translate"},
               {"note", shortened(event.message)},
               {"eventTime", to_rfc3339_micro(now)},
               {"reportingController", kReporter},
               {"reportingInstance", identity.substr(0, 128)}});
}

std::string event_series_patch(int count, WallTime now) {
  return dump({{"series", {{"count", count}, {"lastObservedTime", to_rfc3339_micro(now)}}}});
}

EventLedger::Key EventLedger::key_of(const ServiceEvent& event) {
  return {event.service, event.uid, event.reason, event.message};
}

void EventLedger::update(const std::vector<ServiceEvent>& events) {
  std::set<Key> present;
  for (const ServiceEvent& event : events) {
    Key key = key_of(event);
    Entry& entry = entries_[key];
    if (!entry.present) {
      ++entry.occurrence;
      entry.told = false;
    }
    entry.present = true;
    entry.event = event;
    present.insert(std::move(key));
  }
  for (auto& [key, entry] : entries_) entry.present = present.contains(key);
  // What is gone is remembered, to count when it comes back; not without end.
  if (entries_.size() > kMaxRemembered) {
    std::erase_if(entries_, [](const auto& item) { return !item.second.present; });
  }
}

std::optional<EventLedger::Due> EventLedger::next() const {
  for (const auto& [key, entry] : entries_) {
    if (entry.present && !entry.told) return Due{entry.event, entry.occurrence};
  }
  return {};
}

void EventLedger::told(const Due& due) {
  const auto found = entries_.find(key_of(due.event));
  if (found != entries_.end() && found->second.occurrence == due.occurrence) {
    found->second.told = true;
  }
}

}  // namespace ropewalk::controller::kube
