// What is known of one data plane: the status writer folds it into conditions. Values only.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace ropewalk::controller {

struct RejectedVersion {
  std::string hash;  // content hash of the version refused
  std::string message;
  bool serves_last_good = false;
  auto operator<=>(const RejectedVersion&) const = default;
};

struct NodeReport {
  std::string id;
  std::string gateway;
  std::string build;
  std::uint32_t schema_version = 0;
  bool connected = false;
  bool settled = false;  // everything published was sent to it and answered
  bool complete =
      false;  // it answered a whole configuration of this stream: from then on it counts
  std::map<std::string, std::string> applied;       // resource name -> content hash in force there
  std::map<std::string, RejectedVersion> rejected;  // by resource name
};

}  // namespace ropewalk::controller
