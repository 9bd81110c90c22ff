// The objects in force. One writer (the source's thread); snapshot() from any thread.
#pragma once

#include "controller/kube/reflector.h"
#include "controller/objects/objects.h"
#include "controller/objects/parse.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

// What one watch covers: a kind in all namespaces, in one, or one object. Scopes of a kind do not
// overlap.
struct Scope {
  ObjectKind kind = ObjectKind::service;
  std::string namespace_;  // "" = all
  std::string name;        // "" = all
  bool contains(const ObjectKey& key) const;
};

// What a change means to a translator, in rising order.
enum class Difference : std::uint8_t {
  none,       // nothing, or only objects that no annotation makes ours
  status,     // the conditions of a Service, nothing else
  endpoints,  // EndpointSlices of our Services
  objects,
};

class Store {
 public:
  // A replacement removes what `scope` covers and is not in it.
  Difference apply(const Scope& scope, Effect effect);
  // Forgets a scope, with its reason if it was unreadable.
  Difference drop(const Scope& scope);
  // Secrets and ConfigMaps by name: why there is none. "" takes it back.
  Difference set_unreadable(const Scope& scope, const std::string& reason);
  // Of these a snapshot has no Services and EndpointSlices: half of a view is none.
  Difference set_unreadable_namespaces(std::set<std::string> namespaces);
  // The writer's thread.
  const std::set<std::string>& unreadable_namespaces() const { return set_.unreadable_namespaces; }

  ObjectSet snapshot() const;
  // nullptr if there is none. The writer's thread.
  std::shared_ptr<const Service> service(const ObjectKey& key) const;

 private:
  Difference put(Object object);
  Difference take(ObjectKind kind, const ObjectKey& key);
  bool exposed(const ObjectKey& service) const;

  mutable std::mutex mutex_;
  ObjectSet set_;
};

// Two Services without what changes by itself: resourceVersion and status.
bool same_configuration(const Service& a, const Service& b);

}  // namespace ropewalk::controller::kube
