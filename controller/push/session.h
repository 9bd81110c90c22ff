// One data plane as the controller sees it: what it holds, what it should hold, and the next
// message that brings it there. No I/O and no clock; the owner serialises the calls. Errors mean
// that the peer broke the protocol: end the stream with that message.
//
// next() hands out one message at a time, so that a slow data plane costs no memory: while one is
// being written or a transaction is unacknowledged, later changes merge.
#pragma once

#include "common/error.h"
#include "controller/push/node_report.h"
#include "controller/snapshot/desired.h"
#include "ropewalk/sync/v1/sync.pb.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller {

class Session {
 public:
  // Bytes of a serialised part; a single larger resource travels alone.
  explicit Session(std::size_t max_part = 1 << 20) : max_part_(max_part) {}

  Result<void> on_report(const sync::v1::Report& report);
  void on_desired(std::shared_ptr<const Desired> desired);
  std::optional<sync::v1::Delta> next();

  const std::optional<sync::v1::Node>& node() const { return node_; }
  // Everything meant for it was sent and answered.
  bool settled() const;
  // It answered a transaction that was called complete.
  bool complete() const { return said_complete_; }
  std::map<std::string, std::string> applied() const;  // name -> content hash in force there
  std::map<std::string, RejectedVersion> rejected() const;

 private:
  struct Known {
    std::string received;  // hash of the version it has, whatever it said about it; "" for none
    std::string applied;   // hash of the version in force there; "" for none
    std::optional<RejectedVersion> rejected;
    // Of a held host set: the choices (Desired::host_choices) that were what it has in force.
    std::set<std::string> choices;
    // Of a host set: the schemes and ports by which its hosts are called there. Addresses may
    // change beside everything else; a way only together with the backends, whose TLS settings
    // belong to it.
    std::size_t way = 0;
  };
  struct Flight {
    std::uint64_t revision = 0;
    std::vector<std::shared_ptr<const config::v1::Resource>> upserts;
    std::vector<std::string> removals;
    std::set<std::string> names;
    bool complete = false;
    std::size_t upserts_sent = 0;
    std::size_t removals_sent = 0;
    std::uint32_t parts_sent = 0;
    bool all_sent = false;
  };
  enum class Verb { nothing, upsert, remove };
  struct Change {
    Verb verb = Verb::nothing;
    std::shared_ptr<const config::v1::Resource> resource;
  };

  // A backend of an endpoint that the data plane has in force.
  struct PartName {
    std::string backend;     // name of the resource
    std::string namespace_;  // of the Service that it calls
    std::string service;     // "namespace/name"
  };

  Result<void> introduce(const sync::v1::Report& report);
  Result<void> on_acknowledgement(const sync::v1::Acknowledgement& acknowledgement);
  void find_choices();
  std::shared_ptr<const config::v1::Resource> chosen_hosts(const std::string& name,
                                                           const Known& known) const;
  Change change_of(const std::string& name) const;
  bool ever_served(const std::string& name) const;
  bool has_part_of(const std::string& endpoint, const std::string& service) const;
  bool stays_with_held_service(const std::string& endpoint) const;
  void look_at_parts(const std::string& endpoint);
  bool is_of_unreadable_namespace(const std::string& name) const;
  bool has_unreadable_part(const std::string& endpoint) const;
  std::vector<PartName> parts_of(const std::string& endpoint) const;
  std::vector<KeptPart> kept_parts(const std::string& endpoint) const;
  bool is_left_out(const std::string& name) const;
  // Nothing where this data plane refused that version.
  std::shared_ptr<const config::v1::Resource> last_good(const std::string& name) const;
  bool is_kept_part(const std::string& name) const;
  bool is_served_host_set(const std::string& name) const;
  bool is_address_update(const std::string& name, const Change& change) const;
  void learn_way(const std::string& name);
  void start_flights();
  sync::v1::Delta next_part(Flight& flight, sync::v1::Lane lane);
  std::optional<Flight>& flight(sync::v1::Lane lane) { return flights_[lane]; }

  const std::size_t max_part_;
  std::optional<sync::v1::Node> node_;
  std::shared_ptr<const Desired> desired_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::string> refused_;  // hashes that it has no older version for
  std::set<std::string> dirty_;  // names that may differ from what is desired and are not in flight
  std::array<std::optional<Flight>, 2> flights_;  // by lane
  std::uint64_t revision_ = 0;
  bool said_complete_ = false;
  bool look_again_ = false;  // something happened since start_flights looked at dirty_
};

}  // namespace ropewalk::controller
