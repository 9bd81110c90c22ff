// The admin pages of a data plane: /healthz /readyz /metrics /config.
#pragma once

#include "common/admin/admin_server.h"
#include "dataplane/server/gateway.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace ropewalk::app {

struct AdminState {
  // "" when ready, else why not.
  std::function<std::string()> not_ready;
  std::function<int()> controller_connected;  // -1, 0, 1
  std::function<std::uint64_t()> rejected_resources;
  // The resources in force as JSON, without keys and credentials.
  std::function<std::string()> config;
};

// A default address that is busy is a warning (null is returned); one that was given is an error.
Result<std::unique_ptr<admin::AdminServer>> start_admin(const std::string& address, bool given,
                                                        const server::Gateway& gateway,
                                                        AdminState state);

// `resources` as a JSON array, without private keys, user info and the namespaces that hold
// secrets.
std::string dump(const configsync::ResourceMap& resources);

}  // namespace ropewalk::app
