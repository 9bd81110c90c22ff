// The resources of this data plane: what the controller wants, what is in force, and what of the
// wanted is not served and why. No I/O: begin() and applied() say what to do next. Sync thread
// only; one transaction at a time.
//
// The wanted version of a refused resource is remembered: when what stood in its way changes, it
// goes live with that later transaction, whose acknowledgement then names it as well.
#pragma once

#include "dataplane/configsync/applier.h"
#include "dataplane/configsync/resolve.h"
#include "dataplane/configsync/transaction.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::configsync {

class ResourceTable {
 public:
  using Check = std::function<std::string(const config::v1::Resource&)>;  // as Applier::check

  struct Apply {
    ResourceMap all;
    bool host_sets_only = false;
  };
  // Either something to apply (answer with applied()) or, with the transaction done, its
  // acknowledgement.
  struct Step {
    std::optional<Apply> apply;
    std::optional<sync::v1::Acknowledgement> acknowledgement;
  };

  explicit ResourceTable(Check check) : check_(std::move(check)) {}

  Step begin(Transaction transaction);
  Step applied(const std::vector<Refusal>& refusals);
  bool busy() const { return pending_.has_value(); }

  // A new stream begins: what is in force counts as wanted; the controller sends what differs.
  void restart();

  const ResourceMap& in_force() const { return in_force_; }
  const std::map<std::string, Trouble>& troubled() const { return troubled_; }
  std::vector<sync::v1::Held> held() const;

 private:
  struct Pending {
    Transaction transaction;
    Resolution resolution;
    std::set<std::string> unusable;
  };

  void accept(Transaction& transaction);
  void retry_refused(const Transaction& transaction);
  bool only_known_host_sets(const Transaction& transaction) const;
  Step attempt();
  Step finish();

  const Check check_;
  WantedMap wanted_;
  std::set<std::string> refused_;  // wanted names that apply() refused
  ResourceMap in_force_;
  bool ever_applied_ = false;  // in_force_ was handed to apply() at least once
  std::map<std::string, Trouble> troubled_;
  std::optional<Pending> pending_;
};

}  // namespace ropewalk::configsync
