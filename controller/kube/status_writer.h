// Writes conditions and Events of Services to the API server, from one replica at a time. Lives on
// the cluster's thread and knows nothing of translation or data planes: it compares what should be
// said with what the store shows, whenever either changes.
#pragma once

#include "common/asio.h"
#include "controller/kube/client.h"
#include "controller/kube/election.h"
#include "controller/kube/status_plan.h"
#include "controller/kube/status_queue.h"
#include "controller/kube/store.h"
#include "controller/objects/source.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

struct StatusOptions {
  std::string lease_namespace;
  std::string lease_name;                     // "<release>-controller"
  std::string identity;                       // of this replica: the pod's name
  std::string gateway_name;                   // as Condition::message names it
  std::function<void(Standing)> on_standing;  // after each change; on the cluster's thread
};

class StatusWriter {
 public:
  StatusWriter(asio::io_context& context, Client& client, const Store& store, StatusOptions options,
               Random random);

  void start();
  void publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent> events);
  // Conditions of a Service changed by other hands, or Services came: compared again soon.
  void services_changed();
  // Any thread.
  bool leading() const;
  // Lets the Lease go, so that another replica takes over at once. At most one second.
  Task<void> stop();

 private:
  // A Service that we wrote: newer than the store until the watch has caught up.
  struct Written {
    std::string replaces;  // resourceVersion that the store had
    std::shared_ptr<const Service> result;
  };

  // Conditions as the API server took them from us.
  struct Said {
    Time at;
    std::string version;  // resourceVersion of the Service that has them
    std::vector<Condition> conditions;
  };

  Task<void> elect();
  void judge_standing();
  void report_election(const std::string& trouble);
  Task<void> work();
  enum class Outcome : std::uint8_t { done, failed, conflict, away };
  Task<void> write(ObjectKey key);
  Task<Outcome> try_to_write(const ObjectKey& key);
  Task<Outcome> read_again(const ObjectKey& key);
  // Of the API server: all writes wait, not each key for itself.
  void judge_outage(const Error* error);
  Task<void> tell(EventLedger::Due due);
  Task<void> look_again();
  std::shared_ptr<const Service> current(const ObjectKey& key) const;
  void requeue_all();
  bool just_said(const ServiceStatus& status, const std::string& version) const;
  void contradicted(const ObjectKey& key);
  void warn_contradicted(const ObjectKey& key);
  void adopt_leftovers();
  void wake();

  asio::io_context& context_;
  Client& client_;
  const Store& store_;
  StatusOptions options_;
  Election election_;
  StatusQueue queue_;
  EventLedger events_;
  std::map<ObjectKey, ServiceStatus> wanted_;
  std::map<ObjectKey, std::set<std::string>> ours_;  // condition types we wrote or want
  std::map<ObjectKey, Written> written_;
  std::map<ObjectKey, Said> said_;
  std::set<ObjectKey> contradicted_;    // others wrote over what we had just said
  std::optional<ObjectKey> in_flight_;  // being written
  bool warned_ = false;                 // of that
  SteadyTimer wake_;                    // the worker sleeps on it
  SteadyTimer look_again_;              // gathers changes of the store
  SteadyTimer election_wait_;
  Time pause_{};
  std::optional<Milliseconds> outage_;  // the last wait of it
  Time event_pause_{};
  int event_failures_ = 0;
  bool looking_ = false;
  bool published_ = false;
  std::set<std::string> hidden_from_adoption_;  // namespaces that could not be read then
  bool election_troubled_ = false;
  std::atomic<Time::rep> leads_until_{0};  // of the steady clock
  Standing standing_ = Standing::unclear;
  bool was_leading_ = false;
  bool stopping_ = false;
};

}  // namespace ropewalk::controller::kube
