// The last good snapshot of the stream (design 4.5): every resource in force, keys included, in one
// file of mode 0600 under --state-dir, replaced by rename. Any thread, one at a time.
#pragma once

#include "common/error.h"
#include "dataplane/configsync/applier.h"

#include <cstdint>
#include <string>

namespace ropewalk::configsync {

// Version of the resources' schema that this build understands; what Node.schema_version says.
inline constexpr std::uint32_t kSchemaVersion = 1;

class StateFile {
 public:
  // `directory` has to exist. `gateway`: a snapshot of another gateway is foreign.
  StateFile(const std::string& directory, std::string gateway);

  // Kind::not_found: there is none. Kind::config: corrupt, of another schema or of another gateway.
  Result<ResourceMap> load() const;
  Result<void> save(const ResourceMap& resources) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string gateway_;
};

}  // namespace ropewalk::configsync
