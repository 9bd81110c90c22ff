// The data plane as a whole: its workers, listeners and the snapshot they serve. Compiles off the
// workers, posts the result to each of them, and knows when all have switched.
//
// The control side (one thread at a time: the sync thread or main) calls it; workers are reached by
// posting only.
#pragma once

#include "common/error.h"
#include "dataplane/backend/proxy_rules.h"
#include "dataplane/compile/compile.h"
#include "dataplane/configsync/applier.h"
#include "dataplane/telemetry/access_log.h"
#include "dataplane/telemetry/metrics.h"
#include "dataplane/telemetry/trace.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ropewalk::server {

class Worker;

struct ListenerSpec {
  std::string address;  // "" every address
  std::uint16_t port = 0;
  bool tls = false;
  bool operator==(const ListenerSpec&) const = default;
};

class Gateway final : public configsync::Applier {
 public:
  struct Options {
    std::size_t workers = 1;
    compile::Options compile;
    telemetry::AccessLog* access_log = nullptr;          // null: none
    std::shared_ptr<const backend::ProxyRules> proxies;  // on the way to backends; null: none
  };

  explicit Gateway(Options options);
  ~Gateway() override;

  // Opens what is new on every worker before it closes what is gone. On error nothing has changed.
  // Port 0 takes a free one (see listeners()). A port whose `tls` changes stays open; connections
  // made before end with the answer under way.
  Result<void> listen(const std::vector<ListenerSpec>& wanted);
  std::vector<ListenerSpec> listeners() const { return listeners_; }

  // Called by the control side with the service of each configuration that goes into force; what
  // it returns traces the requests from then on. Before the first configuration.
  using OnService =
      std::function<std::shared_ptr<telemetry::Tracer>(const config::v1::Service& service)>;
  void on_service(OnService hook) { on_service_ = std::move(hook); }

  // Applier
  std::string check(const config::v1::Resource& resource) override;
  void apply(configsync::ResourceMap all,
             std::function<void(std::vector<configsync::Refusal>)> done) override;
  void apply_host_sets(configsync::ResourceMap all,
                       std::function<void(std::vector<configsync::Refusal>)> done) override;

  // As apply for a file: all or nothing, the listeners included, where some are given. Returns when
  // every worker has switched.
  Result<void> replace(const configsync::ResourceMap& all,
                       const std::optional<std::vector<ListenerSpec>>& wanted = std::nullopt);

  // Closes the listeners; answers close their connections; `done` is called, on a worker, when all
  // have ended or `deadline` (0: none) has passed.
  void drain(std::chrono::nanoseconds deadline, std::function<void()> done);
  // Ends what a drain still waits for.
  void cut();

  // --- any thread
  telemetry::WorkerMetrics collect() const;  // waits for the workers
  std::shared_ptr<const compile::Snapshot> snapshot() const;
  std::chrono::steady_clock::time_point applied_at() const;
  configsync::ResourceMap resources() const;  // what the snapshot was made from

 private:
  struct Change;  // of listeners
  using ChangeRef = std::shared_ptr<Change>;
  Result<ChangeRef> prepare(const std::vector<ListenerSpec>& wanted) const;
  void publish(std::shared_ptr<const compile::Snapshot> snapshot, configsync::ResourceMap resources,
               std::function<void()> switched, const ChangeRef& change = nullptr);

  Options options_;
  OnService on_service_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<ListenerSpec> listeners_;
  mutable std::mutex mutex_;  // what follows: written by the control side, read by the admin thread
  std::shared_ptr<const compile::Snapshot> snapshot_;
  configsync::ResourceMap resources_;
  std::chrono::steady_clock::time_point applied_at_;
};

}  // namespace ropewalk::server
