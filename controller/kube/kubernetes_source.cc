#include "controller/kube/kubernetes_source.h"

#include "common/asio.h"
#include "controller/kube/client.h"
#include "controller/kube/minter.h"
#include "controller/kube/status_writer.h"
#include "controller/kube/store.h"
#include "controller/kube/watches.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <exception>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

Random seeded_random() {
  return [engine = std::mt19937(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>()(engine);
  };
}

}  // namespace

struct KubernetesSource::Impl final : StatusSink {
  explicit Impl(KubernetesOptions o) : options(std::move(o)) {}

  ~Impl() override {
    // What holds timers and sockets goes before the context; coroutines that still wait die with
    // it and touch nothing of this any more.
    farewell.reset();
    minter.reset();
    writer.reset();
    watches.reset();
    client.reset();
    context.reset();
  }

  void publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent> events) override {
    asio::post(*context,
               [this, statuses = std::move(statuses), events = std::move(events)]() mutable {
                 writer->publish(std::move(statuses), std::move(events));
               });
  }

  Standing standing() const override {
    const std::lock_guard lock(standing_mutex);
    return standing_now;
  }

  void on_standing(std::function<void()> changed) override {
    const std::lock_guard lock(standing_mutex);
    standing_changed = std::move(changed);
  }

  void stand(Standing now) {
    const std::lock_guard lock(standing_mutex);
    standing_now = now;
    if (standing_changed) standing_changed();
  }

  void progress(Difference difference);

  KubernetesOptions options;
  Store store;
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  std::unique_ptr<Client> client;
  std::unique_ptr<Watches> watches;
  std::unique_ptr<StatusWriter> writer;
  std::unique_ptr<Minter> minter;  // only where certificates are wanted
  OnChange on_change;
  bool was_settled = false;
  bool announced = false;  // on_change was called
  std::unique_ptr<SteadyTimer> farewell = std::make_unique<SteadyTimer>(context->get_executor());
  std::thread thread;

  mutable std::mutex standing_mutex;  // guards the two
  Standing standing_now = Standing::unclear;
  std::function<void()> standing_changed;

  mutable std::mutex mutex;  // guards what follows
  bool settled = false;
  std::set<ObjectKey> secrets;
  std::set<ObjectKey> config_maps;
  std::uint64_t wanted_references = 0;  // counts set_references
  std::uint64_t known_references = 0;   // the last one that the watches know
  std::vector<SourceProblem> problems;
};

void KubernetesSource::Impl::progress(Difference difference) {
  if (!watches) return;
  const bool now_settled = watches->settled();
  {
    const std::lock_guard lock(mutex);
    settled = now_settled;
    problems = watches->problems();
  }
  const bool became_settled = now_settled && !was_settled;
  was_settled = now_settled;
  if (!watches->synced()) return;
  if (difference == Difference::status || difference == Difference::objects) {
    writer->services_changed();
  }
  const bool first = !std::exchange(announced, true);
  if (first || became_settled || difference == Difference::objects) {
    on_change(Change::objects);
  } else if (difference == Difference::endpoints) {
    on_change(Change::endpoints);
  }
}

KubernetesSource::KubernetesSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KubernetesSource::~KubernetesSource() { stop(); }

Result<std::unique_ptr<KubernetesSource>> KubernetesSource::create(KubernetesOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  auto client = Client::create(*impl->context, impl->options.cluster);
  if (!client) return std::unexpected(client.error());
  impl->client = std::move(*client);
  if (impl->options.identity.empty()) impl->options.identity = "ropewalk-controller";
  Impl* self = impl.get();
  const std::string home = impl->options.home_namespace.empty() ? impl->options.cluster.namespace_
                                                                : impl->options.home_namespace;
  impl->watches = std::make_unique<Watches>(
      *impl->context, *impl->client, impl->store, seeded_random(),
      [self](Difference difference) { self->progress(difference); },
      impl->options.forbidden_patience);
  impl->writer = std::make_unique<StatusWriter>(
      *impl->context, *impl->client, impl->store,
      StatusOptions{.lease_namespace = home,
                    .lease_name = impl->options.release + "-controller",
                    .identity = impl->options.identity,
                    .gateway_name = impl->options.gateway_name,
                    .on_standing = [self](Standing standing) { self->stand(standing); }},
      seeded_random());
  if (impl->options.on_certificates) {
    impl->minter = std::make_unique<Minter>(*impl->context, *impl->client,
                                            CertificateNames{impl->options.release, home},
                                            seeded_random(), impl->options.on_certificates);
  }
  return std::unique_ptr<KubernetesSource>(new KubernetesSource(std::move(impl)));
}

void KubernetesSource::start(OnChange on_change) {
  impl_->on_change = std::move(on_change);
  impl_->thread = std::thread([impl = impl_.get()] {
    const auto work = asio::make_work_guard(*impl->context);
    if (impl->minter) impl->minter->start();
    impl->watches->start(impl->options.namespaces);
    impl->writer->start();
    impl->context->run();
  });
}

void KubernetesSource::stop() {
  if (!impl_->thread.joinable()) return;
  asio::post(*impl_->context, [impl = impl_.get()] {
    impl->watches->stop();
    if (impl->minter) impl->minter->stop();
    impl->farewell->expires_after(std::chrono::seconds(1));
    impl->farewell->async_wait([impl](const error_code&) { impl->context->stop(); });
    asio::co_spawn(impl->context->get_executor(), impl->writer->stop(),
                   [impl](const std::exception_ptr&) { impl->context->stop(); });
  });
  impl_->thread.join();
}

StatusSink& KubernetesSource::status() { return *impl_; }

bool KubernetesSource::leading() const { return impl_->writer->leading(); }

ObjectSet KubernetesSource::snapshot() const { return impl_->store.snapshot(); }

bool KubernetesSource::settled() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->settled && impl_->known_references == impl_->wanted_references;
}

void KubernetesSource::set_references(std::set<ObjectKey> secrets,
                                      std::set<ObjectKey> config_maps) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (secrets == impl_->secrets && config_maps == impl_->config_maps) return;
    impl_->secrets = secrets;
    impl_->config_maps = config_maps;
    ++impl_->wanted_references;
  }
  asio::post(*impl_->context, [impl = impl_.get(), secrets = std::move(secrets),
                               config_maps = std::move(config_maps)] {
    // False first: becoming settled is reported even when every answer is there at once.
    impl->was_settled = false;
    {
      const std::lock_guard lock(impl->mutex);
      ++impl->known_references;
      impl->settled = false;
    }
    impl->watches->set_references(secrets, config_maps);
  });
}

std::vector<SourceProblem> KubernetesSource::problems() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->problems;
}

}  // namespace ropewalk::controller::kube
