// What the stream needs from the rest of the data plane: something that puts a resource set into
// force.
#pragma once

#include "ropewalk/config/v1/config.pb.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::configsync {

using ResourceMap = std::map<std::string, std::shared_ptr<const config::v1::Resource>>;  // by name

struct Refusal {
  std::string name;
  std::string message;
};

// Called on the sync thread only.
class Applier {
 public:
  virtual ~Applier() = default;

  // Whether `resource` alone could be served: known fields, known protection namespaces,
  // certificates that parse, patterns that compile. "" or the message for its rejection. No I/O.
  virtual std::string check(const config::v1::Resource& resource) = 0;

  // Compiles `all` (off the workers) and hands it to every worker; `done` is called (any thread)
  // when each has switched. All or nothing: when resources of `all` cannot be served beside the
  // rest (dangling references, conflicting routes), nothing switches and `done` is given them, so
  // that nothing served goes away before its last good version is chosen.
  virtual void apply(ResourceMap all, std::function<void(std::vector<Refusal>)> done) = 0;

  // As apply, when only host sets differ from what was applied last: nothing is compiled.
  virtual void apply_host_sets(ResourceMap all, std::function<void(std::vector<Refusal>)> done) = 0;
};

}  // namespace ropewalk::configsync
