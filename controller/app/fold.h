// What the objects are told: the translation and the answers of the data planes folded into
// conditions and Events (design 4.4 and 5.6). Pure.
#pragma once

#include "controller/objects/source.h"
#include "controller/push/node_report.h"
#include "controller/translate/translate.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller {

inline constexpr const char* kAcceptedCondition = "ropewalk.dev/Accepted";
inline constexpr const char* kProgrammedCondition = "ropewalk.dev/Programmed";

// Resources of a translation: name -> content hash.
using HashesByName = std::map<std::string, std::string>;

struct Feedback {
  std::vector<ServiceStatus> statuses;
  std::vector<ServiceEvent> events;
};

// What it means that there is no data plane: those of a controller that has just begun are on their
// way to it.
enum class Absence : std::uint8_t { is_said, is_undecided };

// Programmed is True when every data plane applied this version of everything that the Service owns
// or contributes to. A data plane counts from its first whole configuration on until it goes: while
// pods come and go nothing changes. Addresses do not count: they change by themselves. What is held
// (Translation::held) is nowhere a version: data planes that never had one serve an error there.
Feedback fold(const std::vector<ObjectStatus>& statuses, const std::vector<Event>& events,
              const HashesByName& desired, const std::set<std::string>& held,
              const std::vector<NodeReport>& nodes, Absence absence,
              const std::string& gateway = "default");

}  // namespace ropewalk::controller
