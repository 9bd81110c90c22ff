// Where objects come from (an API server or a folder) and where status goes. Both
// implementations own one thread; every function here may be called from any thread except where
// noted.
#pragma once

#include "controller/objects/objects.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller {

// What differs since the last call. `endpoints`: only EndpointSlices (or the addresses in them).
enum class Change : std::uint8_t { endpoints, objects };

// Something the source itself cannot read or reach now, for /problems and /readyz.
struct SourceProblem {
  std::string where;    // "services", "shop.yaml document 2"
  std::string message;  // one line
};

class Source {
 public:
  // Called on the source's thread: post and return.
  using OnChange = std::function<void(Change)>;

  virtual ~Source() = default;
  // Once. Nothing is reported before the first complete view exists.
  virtual void start(OnChange on_change) = 0;
  // Blocks until the thread has ended; no call of on_change after it. Not on the source's thread.
  virtual void stop() = 0;

  virtual ObjectSet snapshot() const = 0;
  // True when the first complete view exists (but for ObjectSet::unreadable_namespaces) and each
  // referenced object was found, found missing, refused, or waited for long enough (2 s each, 5 s
  // for all from the first on). While false the first translation must not be published: it would
  // take away what is served only because a Secret was not fetched yet. on_change follows when it
  // becomes true.
  virtual bool settled() const = 0;
  // What the last translation referenced; idempotent. New ones are fetched, dropped ones forgotten.
  virtual void set_references(std::set<ObjectKey> secrets, std::set<ObjectKey> config_maps) = 0;
  virtual std::vector<SourceProblem> problems() const = 0;
};

// The end of a condition's message tells who wrote it: "... [gateway default, version 1f2e3d]".
std::string signed_message(const std::string& message, const std::string& gateway,
                           const std::string& version);
// The gateway that such a message names, "" for none.
std::string gateway_of(const std::string& message);

// What one Service should say. The writer owns the condition types named here and no others.
struct ServiceStatus {
  ObjectKey service;
  std::string uid;
  // last_transition_time is ignored: the writer sets it when the status of a condition flips.
  std::vector<Condition> conditions;
  // Types of which nothing can be said yet: they stay as the object shows them.
  std::set<std::string> undecided;
};

struct ServiceEvent {
  ObjectKey service;
  std::string uid;
  bool warning = true;
  std::string reason;   // CamelCase
  std::string message;  // one line, at most 1,024 bytes are written
};

// What this replica is among those of one controller.
enum class Standing : std::uint8_t {
  leads,      // writes status
  stands_by,  // another replica leads
  unclear,    // nobody is known to: before the first look, or while nothing can be asked
};

class StatusSink {
 public:
  virtual ~StatusSink() = default;
  // A sink without replicas leads from the beginning. `changed` runs on the sink's thread: post and
  // return, without a call of this object. Setting another waits for a call of the one before.
  virtual Standing standing() const { return Standing::leads; }
  virtual void on_standing(std::function<void()> /*changed*/) {}
  // The whole wish, each time: what is missing compared with the last call is withdrawn. An event
  // is written when it appears, and again only after it was absent in between.
  virtual void publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent> events) = 0;
};

}  // namespace ropewalk::controller
