// Drives the reflectors: one coroutine per scope feeds the store. Everything runs on the cluster's
// thread.
#pragma once

#include "common/asio.h"
#include "controller/kube/client.h"
#include "controller/kube/reflector.h"
#include "controller/kube/store.h"
#include "controller/objects/source.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

class Watches {
 public:
  // Called after each change and each time something may have become settled or troubled.
  using OnProgress = std::function<void(Difference)>;

  Watches(asio::io_context& context, Client& client, Store& store, Random random,
          OnProgress on_progress, Milliseconds forbidden_patience);
  ~Watches();

  // Services and EndpointSlices of these namespaces; of all if there are none.
  void start(const std::vector<std::string>& namespaces);
  // One watch per object. A name that cannot exist is unreadable at once.
  void set_references(const std::set<ObjectKey>& secrets, const std::set<ObjectKey>& config_maps);
  void stop();

  // Services and EndpointSlices were seen completely, but for namespaces that may not be read for
  // `forbidden_patience` while another one is: one that was deleted takes its Role with it, and
  // costs the others nothing.
  bool synced() const;
  // As Source::settled.
  bool settled() const;
  std::vector<SourceProblem> problems() const;

 private:
  struct Watch;
  using WatchPtr = std::shared_ptr<Watch>;

  WatchPtr begin(Scope scope, bool required);
  void end(const WatchPtr& watch);
  Difference refer(ObjectKind kind, const std::set<ObjectKey>& wanted,
                   std::map<ObjectKey, WatchPtr>& watches);
  Task<void> run(WatchPtr watch);
  Task<void> list(WatchPtr watch, ListAction action);
  Task<void> watch(WatchPtr watch, WatchAction action);
  Task<void> follow(WatchPtr watch);
  void absorb(Watch& watch, Effect effect);
  void judge_reference(Watch& watch);
  void judge_namespaces();
  bool unreadable(const std::string& name) const;
  void report(Watch& watch);

  asio::io_context& context_;
  Client& client_;
  Store& store_;
  Random random_;
  OnProgress on_progress_;
  const Milliseconds forbidden_patience_;
  std::vector<WatchPtr> base_;
  std::map<ObjectKey, WatchPtr> secrets_;
  std::map<ObjectKey, WatchPtr> config_maps_;
  std::optional<Time> first_reference_;
};

}  // namespace ropewalk::controller::kube
