// The API server as a source of objects. Owns the controller's Kubernetes thread: one io_context
// on which the client, the watches and the writers run.
#pragma once

#include "common/error.h"
#include "controller/kube/config.h"
#include "controller/objects/source.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

struct KubernetesOptions {
  ClusterConfig cluster;
  std::vector<std::string> namespaces;  // watched ones; empty = all, and Namespaces too
};

class KubernetesSource final : public Source {
 public:
  // Fails on credentials that are not usable (one line). An API server that is away is no error:
  // it is asked again until it answers.
  static Result<std::unique_ptr<KubernetesSource>> create(KubernetesOptions options);
  ~KubernetesSource() override;

  void start(OnChange on_change) override;
  void stop() override;
  ObjectSet snapshot() const override;
  bool settled() const override;
  void set_references(std::set<ObjectKey> secrets, std::set<ObjectKey> config_maps) override;
  std::vector<SourceProblem> problems() const override;

 private:
  struct Impl;
  explicit KubernetesSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller::kube
