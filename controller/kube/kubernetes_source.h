// The API server as a source of objects. Owns the controller's Kubernetes thread: one io_context
// on which the client, the watches, the status writer and the minting of certificates run.
#pragma once

#include "common/error.h"
#include "controller/kube/config.h"
#include "controller/objects/source.h"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

struct StreamCertificates;  // minter.h

struct KubernetesOptions {
  ClusterConfig cluster;
  std::vector<std::string> namespaces;  // watched ones; empty = all
  std::string release = "ropewalk";
  // Where Lease `<release>-controller` and the Secrets of the stream are; "" = the namespace of the
  // credentials.
  std::string home_namespace;
  std::string gateway_name = "default";
  std::string identity;  // of this replica in the Lease and in Events: the pod's name
  // A namespace that is refused for this long since the start, while another one can be read, keeps
  // the others waiting no longer (watches.h).
  std::chrono::milliseconds forbidden_patience = std::chrono::seconds(10);
  // Set: the controller makes and renews the stream's certificates, and this is called on the
  // source's thread when they exist and when they change. Unset: it does not touch those Secrets.
  std::function<void(const StreamCertificates&)> on_certificates;
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

  // Writes to Services and Events; any thread, until stop().
  StatusSink& status();
  // This replica is the one that writes status.
  bool leading() const;

 private:
  struct Impl;
  explicit KubernetesSource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller::kube
