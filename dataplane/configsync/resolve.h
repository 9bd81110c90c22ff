// Which version of each resource goes into force, given what the controller wants, what of it is
// not acceptable and what is in force. Pure; any thread.
//
// Rules (design 4.3):
// - An acceptable resource goes in, unless something it needs is nowhere to be had.
// - One that is not keeps its last good version and all that this version references: what was
//   removed stays for it, and a backend that changed stays behind for it while nothing new uses
//   that backend. Host sets and certificates are never held back: an old address serves nobody.
// - A last good endpoint gives way to a new one that claims the same host name, method and path.
// - What an unchanged resource still needs is not removed yet.
#pragma once

#include "dataplane/configsync/applier.h"

#include <map>
#include <set>
#include <string>

namespace ropewalk::configsync {

struct Wanted {
  std::shared_ptr<const config::v1::Resource> resource;
  std::string problem;  // "" or why this version cannot be served
};
using WantedMap = std::map<std::string, Wanted>;

struct Trouble {
  std::string message;
  bool serves_last_good = false;
  auto operator<=>(const Trouble&) const = default;
};

struct Resolution {
  ResourceMap set;
  std::map<std::string, Trouble> troubled;  // wanted names that are not in the set as wanted
};

// `unusable`: names whose version in force cannot be used any more.
Resolution resolve(const WantedMap& wanted, const ResourceMap& in_force,
                   const std::set<std::string>& unusable);

}  // namespace ropewalk::configsync
