#include "dataplane/proxy/serving.h"

namespace ropewalk::proxy {

Serving::EndpointState& Serving::endpoint(std::uint32_t id) {
  EndpointState& state = endpoints_[id];
  if (state.counters) return state;
  const compile::EndpointPlan& plan = graph().endpoints[id];
  state.counters = &metrics_.endpoint(plan.label);
  state.backends.resize(plan.backends.size());
  for (std::size_t i = 0; i < plan.backends.size(); ++i) {
    const compile::BackendPlan& backend = plan.backends[i];
    BackendState& made = state.backends[i];
    made.counters = &metrics_.backend(plan.label, backend.display_name);
    made.targets.hosts = snapshot_->hosts->sets[backend.host_set];
    made.targets.next = first_turn_;  // workers begin at different hosts
    for (const compile::Host& host : *made.targets.hosts)
      made.targets.list.push_back({&host, pool_.of(host, backend.tls.get())});
  }
  return state;
}

}  // namespace ropewalk::proxy
