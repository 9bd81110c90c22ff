// What one translation leaves for the next: what an object cannot say any more while its
// annotations are broken, and what was dear to find out. Empty after a start of the controller. A
// value; any thread.
#pragma once

#include "controller/objects/objects.h"
#include "controller/translate/pem.h"

#include <cstdint>
#include <map>
#include <string>

namespace ropewalk::controller {

struct SelectedPort {
  std::string name;  // of the Service port, which is also the name in its EndpointSlices
  std::uint16_t number = 0;
  bool tls = false;
};

struct Memory {
  struct Port {
    std::string uid;  // of the Service: another one of the same name inherits nothing
    SelectedPort port;
  };
  std::map<ObjectKey, Port> ports;  // of exposed Services, the last that could be told
  struct Claim {
    std::string identity;            // who had it (ServiceState::identity)
    std::string host, method, path;  // as in ClaimKey
  };
  std::map<std::string, Claim> claims;  // that were served, by the name of their Endpoint
  KnownPem pem;
};

}  // namespace ropewalk::controller
