#include "controller/kube/folder_source.h"

#include "common/file_watch.h"
#include "common/log.h"
#include "controller/kube/folder.h"

#include <mutex>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

template <class T>
void name_missing(const ObjectMap<T>& objects, const std::set<ObjectKey>& wanted,
                  std::map<ObjectKey, std::string>& unreadable) {
  for (const ObjectKey& key : wanted) {
    if (!objects.contains(key)) unreadable.emplace(key, "does not exist");
  }
}

}  // namespace

struct FolderSource::Impl {
  explicit Impl(std::string p) : path(p), folder(std::move(p)) {}

  void look();

  std::string path;
  OnChange on_change;
  std::mutex turn;           // one look at a time: calls of on_change keep their order
  mutable std::mutex mutex;  // guards what follows
  Folder folder;
  std::set<ObjectKey> secrets;
  std::set<ObjectKey> config_maps;
  std::set<std::string> reported;  // problems in the log
  std::unique_ptr<FileWatch> watch;
};

void FolderSource::Impl::look() {
  const std::lock_guard one_at_a_time(turn);
  bool changed = false;
  bool only_endpoints = false;
  {
    const std::lock_guard lock(mutex);
    changed = folder.read();
    only_endpoints = folder.only_endpoints();
    std::set<std::string> now;
    for (const SourceProblem& problem : folder.problems()) {
      if (!reported.contains(problem.message)) {
        log::warning("manifest not accepted, its file keeps its last state",
                     {{"reason", problem.message}});
      }
      now.insert(problem.message);
    }
    reported = std::move(now);
  }
  if (changed) on_change(only_endpoints ? Change::endpoints : Change::objects);
}

FolderSource::FolderSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FolderSource::~FolderSource() { stop(); }

Result<std::unique_ptr<FolderSource>> FolderSource::create(const std::string& path) {
  auto impl = std::make_unique<Impl>(path);
  impl->folder.read();
  if (!impl->folder.problems().empty()) {
    return fail(Kind::config,
                "--source dir=" + path + ": " + impl->folder.problems().front().message,
                Origin::control);
  }
  return std::unique_ptr<FolderSource>(new FolderSource(std::move(impl)));
}

void FolderSource::start(OnChange on_change) {
  impl_->on_change = std::move(on_change);
  impl_->on_change(Change::objects);
  impl_->watch =
      std::make_unique<FileWatch>(std::vector{impl_->path}, [impl = impl_.get()] { impl->look(); });
  // What changed between create() and the watch.
  impl_->look();
}

void FolderSource::stop() { impl_->watch.reset(); }

ObjectSet FolderSource::snapshot() const {
  const std::lock_guard lock(impl_->mutex);
  ObjectSet out = impl_->folder.objects();
  name_missing(out.secrets, impl_->secrets, out.unreadable_secrets);
  name_missing(out.config_maps, impl_->config_maps, out.unreadable_config_maps);
  return out;
}

void FolderSource::set_references(std::set<ObjectKey> secrets, std::set<ObjectKey> config_maps) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (secrets == impl_->secrets && config_maps == impl_->config_maps) return;
    impl_->secrets = std::move(secrets);
    impl_->config_maps = std::move(config_maps);
  }
  impl_->on_change(Change::objects);
}

std::vector<SourceProblem> FolderSource::problems() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->folder.problems();
}

}  // namespace ropewalk::controller::kube
