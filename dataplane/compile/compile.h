// Gateway model -> Snapshot. Pure but for reading the system's CA pool; any thread.
#pragma once

#include "common/error.h"
#include "dataplane/compile/graph.h"
#include "dataplane/configsync/applier.h"
#include "dataplane/pipeline/state.h"

#include <memory>
#include <string>
#include <vector>

namespace ropewalk::compile {

struct Options {
  Identity identity;
  // Files: the first pair of `tls.keys` serves unknown names. Kubernetes: only the default secret
  // does (design 5.4).
  bool first_certificate_is_default = true;
  // Lends filters the state of their predecessors; null: every compilation begins anew.
  std::shared_ptr<pipeline::StateRegistry> states;
};

struct Compiled {
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<configsync::Refusal> refused;  // left out of the snapshot, with the reason
};

// Whether one resource alone could be served; "" or what is wrong.
std::string check(const config::v1::Resource& resource);

// Never fails as a whole: what cannot be served is left out and named. `previous` lends what did
// not change (may be null).
Compiled compile(const configsync::ResourceMap& resources, const Options& options,
                 const Snapshot* previous);

// As compile for a file: all or nothing. Error (Kind::config): the first resource that cannot be
// served, and why.
Result<std::shared_ptr<const Snapshot>> compile_whole(const configsync::ResourceMap& resources,
                                                      const Options& options,
                                                      const Snapshot* previous);

// A HostTable for the graph of `previous` from the host sets of `resources`.
std::shared_ptr<const Snapshot> with_host_sets(const Snapshot& previous,
                                               const configsync::ResourceMap& resources);

}  // namespace ropewalk::compile
