// Which replica writes status: a Lease (coordination.k8s.io/v1). A state machine without I/O; one
// thread. It is no fence: two replicas may believe for a moment to lead, so writes carry a
// resourceVersion besides.
#pragma once

#include "controller/kube/backoff.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/error.h"
#include "controller/kube/times.h"

namespace ropewalk::controller::kube {

struct LeaseRecord {
  std::string holder;  // "" = free
  int duration_seconds = 15;
  int transitions = 0;
  std::string acquire_time;  // kept by a renewal, "" = now
  std::string renew_time;
  std::string resource_version;  // "" = the Lease does not exist
};

Result<LeaseRecord> parse_lease(std::string_view body);
std::string lease_body(const LeaseRecord& record, const std::string& namespace_,
                       const std::string& name, WallTime now);

class Election {
 public:
  struct Read {};
  struct Write {
    LeaseRecord record;  // POST without resourceVersion, else PUT
  };
  struct Wait {
    Milliseconds delay{};
  };
  using Action = std::variant<Read, Write, Wait>;

  Election(std::string identity, Random random);

  Action next(Time now);
  void on_read(const std::optional<LeaseRecord>& record, Time now);  // nothing: 404
  void on_written(const LeaseRecord& record, Time sent);             // `sent`: when the write began
  void on_failure();  // any other answer, 409 included

  // Ten seconds after the last renewal; others wait fifteen.
  std::optional<Time> leads_until() const;
  bool leading(Time now) const { return now < leads_until().value_or(now); }
  // Another one renewed it shortly enough ago, by our clock. False for a Lease of nobody, and for
  // one that nobody could look at for as long as it lasts.
  bool another_leads(Time now) const;
  // What to write to let go: the next one takes over at once.
  std::optional<LeaseRecord> release(Time now) const;

 private:
  std::string identity_;
  Random random_;
  std::optional<LeaseRecord> seen_;  // as read or written last
  Time changed_{};                   // when seen_ last differed: our clock, not the record's times
  std::optional<Time> renewed_;
  bool know_ = false;    // seen_ is fresh enough to act on
  bool absent_ = false;  // there was no Lease
  bool wait_ = false;
};

}  // namespace ropewalk::controller::kube
