#include "dataplane/server/gateway.h"

#include "dataplane/server/worker.h"

#include <unistd.h>

#include <algorithm>
#include <future>
#include <utility>

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

// Sockets that are open, and what to do with them, worker by worker.
struct Gateway::Change {
  struct Opened {
    ListenerSpec spec;
    std::vector<int> descriptors;  // one for each worker; -1: taken over
  };
  std::vector<Opened> opened;
  std::vector<ListenerSpec> changed;  // `tls` alone
  std::vector<ListenerSpec> gone;
  std::vector<ListenerSpec> listeners;  // afterwards

  Change() = default;
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  ~Change() {
    for (const Opened& one : opened)
      for (const int descriptor : one.descriptors)
        if (descriptor >= 0) ::close(descriptor);
  }

  void make(Worker& worker, std::size_t index) {
    for (const ListenerSpec& spec : changed)
      worker.change_listener(spec.port, spec.address, spec.tls);
    for (Opened& one : opened)
      worker.listen(std::exchange(one.descriptors[index], -1), one.spec.port, one.spec.address,
                    one.spec.tls);
    for (const ListenerSpec& old : gone) worker.stop_listening(old.port, old.address);
  }
};

Result<Gateway::ChangeRef> Gateway::prepare(const std::vector<ListenerSpec>& wanted) const {
  const auto same_place = [](const ListenerSpec& a) {
    return [&a](const ListenerSpec& b) { return a.port == b.port && a.address == b.address; };
  };
  auto change = std::make_shared<Change>();
  for (ListenerSpec spec : wanted) {
    if (const auto known = std::ranges::find_if(listeners_, same_place(spec));
        known != listeners_.end()) {
      if (*known != spec) change->changed.push_back(spec);
      change->listeners.push_back(spec);
      continue;
    }
    // Every worker's socket shares the port: a second instance would bind silently, so the port is
    // tried alone first, unless it is this one's.
    const bool own = std::ranges::any_of(
        listeners_, [&](const ListenerSpec& one) { return one.port == spec.port; });
    if (!own) {
      const auto port = probe_port(spec.address, spec.port);
      if (!port) return std::unexpected(port.error());
      spec.port = *port;
    }
    Change::Opened& one = change->opened.emplace_back(spec);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      const auto descriptor = open_listener(spec.address, spec.port);
      if (!descriptor) return std::unexpected(descriptor.error());
      one.descriptors.push_back(*descriptor);
    }
    change->listeners.push_back(spec);
  }
  for (const ListenerSpec& old : listeners_)
    if (std::ranges::none_of(change->listeners, same_place(old))) change->gone.push_back(old);
  return change;
}

Result<void> Gateway::listen(const std::vector<ListenerSpec>& wanted) {
  const auto change = prepare(wanted);
  if (!change) return std::unexpected(change.error());
  for (std::size_t i = 0; i < workers_.size(); ++i)
    workers_[i]->post([change = *change, i](Worker& worker) { change->make(worker, i); });
  listeners_ = (*change)->listeners;
  return {};
}

std::string Gateway::check(const config::v1::Resource& resource) {
  return compile::check(resource);
}

void Gateway::publish(std::shared_ptr<const compile::Snapshot> snapshot,
                      configsync::ResourceMap resources, std::function<void()> switched,
                      const ChangeRef& change) {
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
  if (change) listeners_ = change->listeners;
  for (std::size_t i = 0; i < workers_.size(); ++i)
    workers_[i]->post([snapshot, left, switched, tracer, change, i](Worker& target) {
      target.serve(snapshot);
      target.trace_with(tracer);
      // Between two connections: none meets the routes of one configuration and the TLS of another.
      if (change) change->make(target, i);
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

Result<void> Gateway::replace(const configsync::ResourceMap& all,
                              const std::optional<std::vector<ListenerSpec>>& wanted) {
  ChangeRef change;
  if (wanted) {
    auto prepared = prepare(*wanted);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    change = std::move(*prepared);
  }
  const auto previous = snapshot();
  auto compiled = compile::compile_whole(all, options_.compile, previous.get());
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  std::promise<void> switched;
  publish(std::move(*compiled), all, [&switched] { switched.set_value(); }, change);
  switched.get_future().wait();
  return {};
}

void Gateway::drain(std::chrono::nanoseconds deadline, std::function<void()> done) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (const auto& worker : workers_)
    worker->post([deadline, left, done](Worker& target) {
      target.drain(deadline, [left, done] {
        if (left->fetch_sub(1) == 1) done();
      });
    });
}

void Gateway::cut() {
  for (const auto& worker : workers_) worker->post([](Worker& target) { target.cut(); });
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
