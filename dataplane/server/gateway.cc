#include "dataplane/server/gateway.h"

#include "dataplane/server/worker.h"

#include <unistd.h>

#include <algorithm>
#include <future>

namespace ropewalk::server {

Gateway::Gateway(Options options) : options_(std::move(options)) {
  options_.compile.states = std::make_shared<pipeline::StateRegistry>();
  const auto empty = compile::compile({}, options_.compile, nullptr).snapshot;
  snapshot_ = empty;
  for (std::size_t i = 0; i < options_.workers; ++i) {
    workers_.push_back(
        std::make_unique<Worker>(i, options_.workers, options_.access_log, options_.proxies));
    workers_.back()->serve(empty);
    workers_.back()->start();
  }
}

Gateway::~Gateway() {
  for (const auto& worker : workers_) worker->halt();
  for (const auto& worker : workers_) worker->clear();
}

Result<void> Gateway::listen(const std::vector<ListenerSpec>& wanted) {
  struct Opened {
    ListenerSpec spec;
    std::vector<int> descriptors;
  };
  std::vector<Opened> opened;
  const auto failed = [&](Error error) -> Result<void> {
    for (const Opened& one : opened)
      for (const int descriptor : one.descriptors) ::close(descriptor);
    return std::unexpected(std::move(error));
  };
  std::vector<ListenerSpec> kept;
  for (ListenerSpec spec : wanted) {
    if (std::find(listeners_.begin(), listeners_.end(), spec) != listeners_.end()) {
      kept.push_back(spec);
      continue;
    }
    // Every worker's socket shares the port: a second instance would bind silently, so the port is
    // tried alone first.
    const auto port = probe_port(spec.address, spec.port);
    if (!port) return failed(port.error());
    spec.port = *port;
    Opened one{spec, {}};
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      const auto descriptor = open_listener(spec.address, spec.port);
      if (!descriptor) {
        opened.push_back(std::move(one));
        return failed(descriptor.error());
      }
      one.descriptors.push_back(*descriptor);
    }
    opened.push_back(std::move(one));
  }
  for (const Opened& one : opened) {
    for (std::size_t i = 0; i < workers_.size(); ++i)
      workers_[i]->post([descriptor = one.descriptors[i], spec = one.spec](Worker& worker) {
        worker.listen(descriptor, spec.port, spec.address, spec.tls);
      });
    kept.push_back(one.spec);
  }
  for (const ListenerSpec& old : listeners_) {
    if (std::find(kept.begin(), kept.end(), old) != kept.end()) continue;
    for (const auto& worker : workers_)
      worker->post([old](Worker& target) { target.stop_listening(old.port, old.address); });
  }
  listeners_ = std::move(kept);
  return {};
}

std::string Gateway::check(const config::v1::Resource& resource) {
  return compile::check(resource);
}

void Gateway::publish(std::shared_ptr<const compile::Snapshot> snapshot,
                      configsync::ResourceMap resources, std::function<void()> switched) {
  std::shared_ptr<telemetry::Tracer> tracer;
  const auto service = std::ranges::find_if(
      resources, [](const auto& entry) { return entry.second->has_service(); });
  if (on_service_)
    tracer = on_service_(service == resources.end() ? config::v1::Service::default_instance()
                                                    : service->second->service());
  {
    const std::lock_guard lock(mutex_);
    snapshot_ = snapshot;
    resources_ = std::move(resources);
    applied_at_ = std::chrono::steady_clock::now();
  }
  const auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (const auto& worker : workers_)
    worker->post([snapshot, left, switched, tracer](Worker& target) {
      target.serve(snapshot);
      target.trace_with(tracer);
      if (left->fetch_sub(1) == 1) switched();
    });
}

void Gateway::apply(configsync::ResourceMap all,
                    std::function<void(std::vector<configsync::Refusal>)> done) {
  const auto previous = snapshot();
  compile::Compiled compiled = compile::compile(all, options_.compile, previous.get());
  if (!compiled.refused.empty()) return done(std::move(compiled.refused));
  publish(compiled.snapshot, std::move(all), [done = std::move(done)] { done({}); });
}

void Gateway::apply_host_sets(configsync::ResourceMap all,
                              std::function<void(std::vector<configsync::Refusal>)> done) {
  auto next = compile::with_host_sets(*snapshot(), all);
  if (!next) return apply(std::move(all), std::move(done));
  publish(std::move(next), std::move(all), [done = std::move(done)] { done({}); });
}

Result<void> Gateway::replace(const configsync::ResourceMap& all) {
  const auto previous = snapshot();
  auto compiled = compile::compile_whole(all, options_.compile, previous.get());
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  std::promise<void> switched;
  publish(std::move(*compiled), all, [&switched] { switched.set_value(); });
  switched.get_future().wait();
  return {};
}

void Gateway::drain(std::chrono::nanoseconds deadline) {
  std::promise<void> drained;
  const auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (const auto& worker : workers_)
    worker->post([deadline, left, &drained](Worker& target) {
      target.drain(deadline, [left, &drained] {
        if (left->fetch_sub(1) == 1) drained.set_value();
      });
    });
  drained.get_future().wait();
}

telemetry::WorkerMetrics Gateway::collect() const {
  telemetry::WorkerMetrics sum;
  for (const auto& worker : workers_) {
    std::promise<telemetry::WorkerMetrics> copy;
    worker->post([&copy](Worker& target) { copy.set_value(target.metrics()); });
    sum.add(copy.get_future().get());
  }
  return sum;
}

std::shared_ptr<const compile::Snapshot> Gateway::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

configsync::ResourceMap Gateway::resources() const {
  const std::lock_guard lock(mutex_);
  return resources_;
}

std::chrono::steady_clock::time_point Gateway::applied_at() const {
  const std::lock_guard lock(mutex_);
  return applied_at_;
}

}  // namespace ropewalk::server
