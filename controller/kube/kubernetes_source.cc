#include "controller/kube/kubernetes_source.h"

#include "common/asio.h"
#include "controller/kube/client.h"
#include "controller/kube/store.h"
#include "controller/kube/watches.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

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

struct KubernetesSource::Impl {
  explicit Impl(KubernetesOptions o) : options(std::move(o)) {}

  ~Impl() {
    watches.reset();
    client.reset();
    // Pending coroutines die with the context; what they refer to lives longer.
    context.reset();
  }

  void progress(Difference difference);

  KubernetesOptions options;
  Store store;
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  std::unique_ptr<Client> client;
  std::unique_ptr<Watches> watches;
  OnChange on_change;
  bool was_settled = false;
  std::thread thread;

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
  const bool became_settled = now_settled && !std::exchange(was_settled, now_settled);
  if (!watches->synced() || !on_change) return;
  if (became_settled || difference == Difference::objects) {
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
  Impl* self = impl.get();
  impl->watches =
      std::make_unique<Watches>(*impl->context, *impl->client, impl->store, seeded_random(),
                                [self](Difference difference) { self->progress(difference); });
  return std::unique_ptr<KubernetesSource>(new KubernetesSource(std::move(impl)));
}

void KubernetesSource::start(OnChange on_change) {
  impl_->on_change = std::move(on_change);
  impl_->thread = std::thread([impl = impl_.get()] {
    const auto work = asio::make_work_guard(*impl->context);
    impl->watches->start(impl->options.namespaces);
    impl->context->run();
  });
}

void KubernetesSource::stop() {
  if (!impl_->thread.joinable()) return;
  asio::post(*impl_->context, [impl = impl_.get()] {
    impl->watches->stop();
    impl->context->stop();
  });
  impl_->thread.join();
}

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
