// Endpoint and Backend resources -> plans. Pure.
#pragma once

#include "common/error.h"
#include "dataplane/compile/graph.h"
#include "dataplane/pipeline/state.h"

#include <map>

namespace ropewalk::compile {

// What the parts of an endpoint refer to.
struct Context {
  const config::v1::Service& service;
  const std::map<std::string, const config::v1::Resource*>& by_name;
  const std::map<std::string, std::uint32_t>& host_set_index;
  const HostTable& hosts;
  pipeline::StateRegistry& states;
  const Identity& identity;
};

// The gates of the service, in the order of requests. Error (Kind::config): names the namespace.
Result<std::vector<std::shared_ptr<const pipeline::Gate>>> compile_gates(const Context& context);

// Error (Kind::config): names the backend and the field.
Result<EndpointPlan> compile_endpoint(const std::string& name, const config::v1::Endpoint& endpoint,
                                      const Context& context);

// Whether it takes the requests that have no route; it has none itself, and its only parameter is
// "*", the whole path.
bool is_catch_all(const config::v1::Endpoint& endpoint);

// The label of an endpoint in logs and metrics: "GET /v1/products", with a host name in front of
// the path when it has one.
std::string endpoint_label(const config::v1::Endpoint& endpoint);

}  // namespace ropewalk::compile
