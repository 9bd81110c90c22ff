#include "controller/app/fold.h"

#include <algorithm>
#include <set>

namespace ropewalk::controller {
namespace {

struct Programmed {
  bool yes = false;
  std::string reason;
  std::string message;
  std::vector<std::string> rejections;  // each told as an Event
};

std::string count(std::size_t number) {
  return std::to_string(number) + (number == 1 ? " data plane" : " data planes");
}

bool counts(const std::string& name) { return !name.starts_with("hosts/"); }

bool applied(const ObjectStatus& status, const HashesByName& desired, const NodeReport& node) {
  return std::ranges::all_of(status.resources, [&](const std::string& name) {
    const auto wanted = desired.find(name);
    if (!counts(name) || wanted == desired.end()) return true;
    const auto there = node.applied.find(name);
    return there != node.applied.end() && there->second == wanted->second;
  });
}

std::vector<std::string> rejections(const ObjectStatus& status, const HashesByName& desired,
                                    const std::vector<const NodeReport*>& nodes) {
  std::set<std::string> out;
  for (const std::string& name : status.resources) {
    const auto wanted = desired.find(name);
    if (wanted == desired.end()) continue;
    for (const NodeReport* node : nodes) {
      const auto rejected = node->rejected.find(name);
      if (rejected == node->rejected.end() || rejected->second.hash != wanted->second) continue;
      out.insert(rejected->second.message + (rejected->second.serves_last_good
                                                 ? " (an earlier version is served)"
                                                 : " (nothing is served)"));
    }
  }
  return {out.begin(), out.end()};
}

Programmed nobody(bool arriving) {
  return {.yes = false,
          .reason = "NoDataPlane",
          .message = arriving ? "no data plane has its first configuration yet"
                              : "no data plane is connected",
          .rejections = {}};
}

Programmed programmed(const ObjectStatus& status, const HashesByName& desired,
                      const std::set<std::string>& held,
                      const std::vector<const NodeReport*>& nodes) {
  Programmed out;
  out.rejections = rejections(status, desired, nodes);
  if (!status.accepted) {
    out.reason = "NotAccepted";
    out.message = "what is not accepted stays as it was before";
  } else if (!out.rejections.empty()) {
    out.reason = "Rejected";
    out.message = out.rejections.front();
  } else if (const auto waits = std::ranges::find_if(
                 status.resources,
                 [&](const std::string& name) { return counts(name) && held.contains(name); });
             waits != status.resources.end()) {
    out.reason = "Pending";
    out.message = *waits + " is held: its owner's annotations are not accepted";
  } else if (const auto done = static_cast<std::size_t>(std::ranges::count_if(
                 nodes, [&](const NodeReport* node) { return applied(status, desired, *node); }));
             done < nodes.size()) {
    out.reason = "Pending";
    out.message = std::to_string(done) + " of " + count(nodes.size());
  } else {
    out.yes = true;
    out.reason = "Programmed";
    out.message = "every data plane serves it";
  }
  return out;
}

Condition condition(const char* type, bool yes, std::string reason, const std::string& message,
                    const std::string& gateway, const std::string& version) {
  return {.type = type,
          .status = yes ? "True" : "False",
          .reason = std::move(reason),
          .message = signed_message(message, gateway, version)};
}

}  // namespace

Feedback fold(const std::vector<ObjectStatus>& statuses, const std::vector<Event>& events,
              const HashesByName& desired, const std::set<std::string>& held,
              const std::vector<NodeReport>& nodes, Absence absence, const std::string& gateway) {
  std::vector<const NodeReport*> counted;
  for (const NodeReport& node : nodes)
    if (node.connected && node.complete) counted.push_back(&node);
  const bool arriving = std::ranges::any_of(nodes, &NodeReport::connected);
  const bool undecided = counted.empty() && absence == Absence::is_undecided;
  Feedback out;
  for (const Event& event : events)
    out.events.push_back({event.service, event.uid, event.severity == Severity::warning,
                          event.reason, event.message});
  for (const ObjectStatus& status : statuses) {
    out.statuses.push_back(
        {.service = status.service,
         .uid = status.uid,
         .conditions = {condition(kAcceptedCondition, status.accepted, status.reason,
                                  status.message, gateway, status.version)},
         .undecided = {}});
    if (undecided) {
      out.statuses.back().undecided.insert(kProgrammedCondition);
      continue;
    }
    const Programmed state =
        counted.empty() ? nobody(arriving) : programmed(status, desired, held, counted);
    out.statuses.back().conditions.push_back(condition(
        kProgrammedCondition, state.yes, state.reason, state.message, gateway, status.version));
    for (const std::string& message : state.rejections)
      out.events.push_back({status.service, status.uid, true, "Rejected", message});
  }
  return out;
}

}  // namespace ropewalk::controller
