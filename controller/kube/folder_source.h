// A folder of Kubernetes manifests as a source of objects (--source dir=PATH). Owns the thread of
// its file watch, on which the folder is read again after a change.
#pragma once

#include "common/error.h"
#include "controller/objects/source.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

class FolderSource final : public Source {
 public:
  // Fails if the folder cannot be read or a document in it is not acceptable: at start there is no
  // older state to keep.
  static Result<std::unique_ptr<FolderSource>> create(const std::string& path);
  ~FolderSource() override;

  // on_change is called once on the caller's thread before it returns, later on the watch's.
  void start(OnChange on_change) override;
  void stop() override;
  ObjectSet snapshot() const override;
  bool settled() const override { return true; }
  // Snapshots hold every Secret and ConfigMap of the folder, so that nothing has to be waited for;
  // references to what it does not have are unreadable. on_change is called before it returns.
  void set_references(std::set<ObjectKey> secrets, std::set<ObjectKey> config_maps) override;
  std::vector<SourceProblem> problems() const override;

 private:
  struct Impl;
  explicit FolderSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller::kube
