// What to write so that an object says what it should: pure functions, and the memory of which
// events were told.
#pragma once

#include "controller/kube/times.h"
#include "controller/objects/objects.h"
#include "controller/objects/source.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace ropewalk::controller::kube {

// The body of a strategic merge patch of services/status; nothing when `current` says it already
// (times aside). Conditions of other types are never touched. `withdrawn`: types that we wrote
// earlier and that are not wanted any more. The patch carries uid and resourceVersion: it fails
// with 409 when the object is another one or changed since.
std::optional<std::string> plan_status_patch(const Service& current,
                                             const std::vector<Condition>& wanted,
                                             const std::set<std::string>& withdrawn, WallTime now);

// Body of an events.k8s.io/v1 Event. Its name follows from its content, so that a controller that
// starts again does not repeat itself: the answer is then 409.
std::string event_body(const ServiceEvent& event, const std::string& identity, WallTime now);
std::string event_name(const ServiceEvent& event);
// Body of a merge patch that counts a repetition.
std::string event_series_patch(int count, WallTime now);

// At most 1,024 bytes, cut between characters (the API allows 32,768 for conditions and 1,024 for
// events).
std::string shortened(const std::string& message);

// Which events are new: one per transition, not one per translation.
class EventLedger {
 public:
  struct Due {
    ServiceEvent event;
    int occurrence = 1;  // 2 and up: it went away in between
  };
  // The complete list of what holds now.
  void update(const std::vector<ServiceEvent>& events);
  std::optional<Due> next() const;
  // A repetition that came up while `due` was being written stays due.
  void told(const Due& due);

 private:
  using Key = std::tuple<ObjectKey, std::string, std::string, std::string>;
  struct Entry {
    ServiceEvent event;
    bool present = false;
    bool told = false;
    int occurrence = 0;
  };
  static Key key_of(const ServiceEvent& event);
  static constexpr std::size_t kMaxRemembered = 10'000;

  std::map<Key, Entry> entries_;
};

}  // namespace ropewalk::controller::kube
