// A snapshot as one worker serves it: the shared immutable part and the worker's own state beside
// it (whose turn it is among hosts, where to count). Requests in flight hold the Serving they began
// with; it ends with the last of them.
#pragma once

#include "dataplane/backend/call.h"
#include "dataplane/backend/pool.h"
#include "dataplane/compile/graph.h"
#include "dataplane/runtime/reference.h"
#include "dataplane/telemetry/metrics.h"

#include <memory>
#include <vector>

namespace ropewalk::proxy {

class Serving : public runtime::Counted<Serving> {
 public:
  struct BackendState {
    backend::Targets targets;
    telemetry::BackendCounters* counters = nullptr;
  };
  struct EndpointState {
    telemetry::EndpointCounters* counters = nullptr;  // null until first used
    std::vector<BackendState> backends;
    std::vector<BackendState> shadows;
  };

  Serving(std::shared_ptr<const compile::Snapshot> snapshot, backend::Pool& pool,
          telemetry::WorkerMetrics& metrics, std::size_t first_turn)
      : snapshot_(std::move(snapshot)),
        pool_(pool),
        metrics_(metrics),
        first_turn_(first_turn),
        endpoints_(snapshot_->graph->endpoints.size()) {}

  const compile::Snapshot& snapshot() const { return *snapshot_; }
  const compile::Graph& graph() const { return *snapshot_->graph; }
  // Made on first use, so that a new configuration costs a worker nothing until its routes are
  // called.
  EndpointState& endpoint(std::uint32_t id);
  // For hosts that only a redirect or a filter names: by the service's own TLS settings, built when
  // first needed.
  Result<std::shared_ptr<const net::ClientTls>> client_tls();

 private:
  std::shared_ptr<const compile::Snapshot> snapshot_;
  backend::Pool& pool_;
  telemetry::WorkerMetrics& metrics_;
  std::size_t first_turn_;
  std::vector<EndpointState> endpoints_;
  std::shared_ptr<const net::ClientTls> client_tls_;
};

using ServingRef = runtime::Ref<Serving>;

}  // namespace ropewalk::proxy
