// A Service whose part in an endpoint is held, or whose broken annotations do not tell which
// endpoint it joins. Data planes that have backends of it in an endpoint keep these there, before
// the backend at `position`; the others do not hear of it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct PossiblePart {
  std::string service;                     // "namespace/name"
  int position = 0;                        // in Endpoint.backends
  std::vector<std::string> backends = {};  // their names in their order, as far as it is known
  bool operator==(const PossiblePart&) const = default;
};

// By name of the endpoint, in the order of their positions.
using PossibleParts = std::map<std::string, std::vector<PossiblePart>>;

}  // namespace ropewalk::controller
