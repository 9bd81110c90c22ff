// The data plane's end of the push protocol: when to connect, what to report, what to put into
// force. No I/O; the owner brings events, clock and randomness and carries out the actions in
// order. Sync thread only.
#pragma once

#include "dataplane/configsync/resource_table.h"
#include "dataplane/configsync/transaction.h"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ropewalk::configsync {

class ClientSession {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    sync::v1::Node node;
    ResourceTable::Check check;
    std::function<double()> random;  // in [0, 1)
    Milliseconds first_retry{200};
    Milliseconds longest_retry{5000};
    Milliseconds longest_search{1000};  // between two replicas
    Milliseconds patience{5000};        // with a snapshot: ready without the controller after this
  };

  struct Connect {};  // a new stream; answered by on_open and on_closed, or by on_closed alone
  struct Send {
    sync::v1::Report report;
  };
  struct Disconnect {  // end the stream; answered by on_closed
    std::string reason;
  };
  struct Apply {  // answered by on_applied
    ResourceMap all;
    bool host_sets_only = false;
  };
  struct Settled {         // a transaction is done
    bool changed = false;  // what is in force may differ: worth a snapshot
    std::vector<sync::v1::Rejection> rejected;
  };
  using Action = std::variant<Connect, Send, Disconnect, Apply, Settled>;
  using Actions = std::vector<Action>;

  explicit ClientSession(Options options);

  // Once, first. `snapshot`: the resources of the state file, empty without one.
  Actions start(ResourceMap snapshot, Clock::time_point now);
  Actions on_open();
  Actions on_delta(sync::v1::Delta delta);
  Actions on_closed(Clock::time_point now);
  // Closed by a replica of the controller that stands by: the next connection may reach the one
  // that leads.
  Actions on_turned_away(Clock::time_point now);
  Actions on_applied(const std::vector<Refusal>& refusals, Clock::time_point now);
  Actions on_tick(Clock::time_point now);
  // When on_tick() or ready() have something new to say.
  std::optional<Clock::time_point> next_tick(Clock::time_point now) const;

  bool connected() const { return phase_ == Phase::open; }
  // A configuration that the controller called complete is in force.
  bool complete() const { return complete_; }
  bool ready(Clock::time_point now) const;
  const ResourceMap& in_force() const { return table_.in_force(); }
  const std::map<std::string, Trouble>& troubled() const { return table_.troubled(); }
  // Resources of a snapshot are in force.
  bool serves_snapshot() const { return snapshot_in_force_; }

 private:
  enum class Phase { waiting, connecting, open, closing };

  void connect_if_due(Clock::time_point now, Actions& out);
  void begin_next(Actions& out);
  void take(ResourceTable::Step step, Actions& out);
  void settle(sync::v1::Acknowledgement acknowledgement, Actions& out);

  Options options_;
  ResourceTable table_;
  Assembler assembler_;
  std::deque<Transaction> queue_;
  Phase phase_ = Phase::waiting;
  Clock::time_point started_;
  Clock::time_point retry_at_;
  Milliseconds backoff_;
  bool current_of_stream_ = false;  // the transaction in the table came over the stream now open
  bool current_is_complete_ = false;
  bool current_was_applied_ = false;
  bool restoring_ = false;
  bool complete_ = false;
  bool snapshot_in_force_ = false;
};

}  // namespace ropewalk::configsync
