#include "dataplane/proxy/serving.h"

namespace ropewalk::proxy {

Serving::EndpointState& Serving::endpoint(std::uint32_t id) {
  EndpointState& state = endpoints_[id];
  if (state.counters) return state;
  const compile::EndpointPlan& plan = graph().endpoints[id];
  state.counters = &metrics_.endpoint(plan.label);
  const auto fill = [&](const std::vector<compile::BackendPlan>& plans,
                        std::vector<BackendState>& states) {
    states.resize(plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const compile::BackendPlan& backend = plans[i];
      BackendState& made = states[i];
      made.counters = &metrics_.backend(plan.label, backend.display_name);
      made.targets.hosts = snapshot_->hosts->sets[backend.host_set];
      made.targets.next = first_turn_;  // workers begin at different hosts
      for (const compile::Host& host : *made.targets.hosts)
        made.targets.list.push_back({&host, pool_.of(host, backend.tls.get(), backend.proxy)});
    }
  };
  fill(plan.backends, state.backends);
  fill(plan.shadows, state.shadows);
  return state;
}

Result<std::shared_ptr<const net::ClientTls>> Serving::client_tls() {
  if (client_tls_) return client_tls_;
  const compile::Settings& settings = graph().settings;
  auto built = net::ClientTls::build(settings.client_tls_set ? &settings.client_tls : nullptr);
  if (built) client_tls_ = *built;
  return built;
}

}  // namespace ropewalk::proxy
