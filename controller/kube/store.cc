#include "controller/kube/store.h"

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

auto fields(const ObjectMeta& m) {
  return std::tie(m.namespace_, m.name, m.uid, m.creation_timestamp, m.generation, m.labels,
                  m.annotations);
}
auto fields(const ServicePort& p) {
  return std::tie(p.name, p.protocol, p.app_protocol, p.port, p.target_port);
}
auto fields(const Endpoint& e) { return std::tie(e.addresses, e.ready, e.serving, e.terminating); }
auto fields(const EndpointPort& p) { return std::tie(p.name, p.protocol, p.port); }
auto fields(const Condition& c) {
  return std::tie(c.type, c.status, c.reason, c.message, c.last_transition_time,
                  c.observed_generation);
}

template <class T>
bool same(const T& a, const T& b) {
  return fields(a) == fields(b);
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return same(x, y); });
}

bool same_object(const EndpointSlice& a, const EndpointSlice& b) {
  return same(a.meta, b.meta) && a.address_type == b.address_type &&
         a.service_name == b.service_name && same(a.endpoints, b.endpoints) &&
         same(a.ports, b.ports);
}
bool same_object(const Secret& a, const Secret& b) {
  return same(a.meta, b.meta) && a.type == b.type && a.data == b.data;
}
bool same_object(const ConfigMap& a, const ConfigMap& b) {
  return same(a.meta, b.meta) && a.data == b.data;
}

bool annotated(const Service& service) {
  constexpr std::string_view kPrefix = "ropewalk.dev/";
  const auto at = service.meta.annotations.lower_bound(std::string(kPrefix));
  return at != service.meta.annotations.end() && at->first.starts_with(kPrefix);
}

template <class T>
ObjectMap<T>& map_of(ObjectSet& set) {
  if constexpr (std::is_same_v<T, Service>) return set.services;
  if constexpr (std::is_same_v<T, EndpointSlice>) return set.endpoint_slices;
  if constexpr (std::is_same_v<T, Secret>) return set.secrets;
  if constexpr (std::is_same_v<T, ConfigMap>) return set.config_maps;
}

// Calls `f` with the map of that kind.
template <class F>
auto with_map(ObjectSet& set, ObjectKind kind, F f) {
  switch (kind) {
    case ObjectKind::service:
      return f(set.services);
    case ObjectKind::endpoint_slice:
      return f(set.endpoint_slices);
    case ObjectKind::secret:
      return f(set.secrets);
    case ObjectKind::config_map:
      break;
  }
  return f(set.config_maps);
}

}  // namespace

bool same_configuration(const Service& a, const Service& b) {
  return same(a.meta, b.meta) && a.type == b.type && a.external_name == b.external_name &&
         same(a.ports, b.ports);
}

bool Scope::contains(const ObjectKey& key) const {
  return (namespace_.empty() || namespace_ == key.namespace_) && (name.empty() || name == key.name);
}

bool Store::exposed(const ObjectKey& key) const {
  const auto found = set_.services.find(key);
  return found != set_.services.end() && annotated(*found->second);
}

Difference Store::put(Object object) {
  const ObjectKey key = key_of(object);
  return std::visit(
      [&]<class T>(std::shared_ptr<const T>& value) {
        std::shared_ptr<const T>& slot = map_of<T>(set_)[key];
        const std::shared_ptr<const T> old = std::exchange(slot, value);
        if constexpr (std::is_same_v<T, Service>) {
          if (!annotated(*value) && (!old || !annotated(*old))) return Difference::none;
          if (!old || !same_configuration(*old, *value)) return Difference::objects;
          return same(old->conditions, value->conditions) ? Difference::none : Difference::status;
        } else {
          if (old && same_object(*old, *value)) return Difference::none;
          if constexpr (std::is_same_v<T, EndpointSlice>) {
            const bool ours = exposed({key.namespace_, value->service_name}) ||
                              (old && exposed({key.namespace_, old->service_name}));
            return ours ? Difference::endpoints : Difference::none;
          }
          return Difference::objects;
        }
      },
      object);
}

Difference Store::take(ObjectKind kind, const ObjectKey& key) {
  return with_map(set_, kind, [&]<class T>(ObjectMap<T>& map) {
    const auto found = map.find(key);
    if (found == map.end()) return Difference::none;
    const std::shared_ptr<const T> old = std::move(found->second);
    map.erase(found);
    if constexpr (std::is_same_v<T, Service>) {
      return annotated(*old) ? Difference::objects : Difference::none;
    } else if constexpr (std::is_same_v<T, EndpointSlice>) {
      return exposed({key.namespace_, old->service_name}) ? Difference::endpoints
                                                          : Difference::none;
    } else {
      return Difference::objects;
    }
  });
}

Difference Store::apply(const Scope& scope, Effect effect) {
  const std::lock_guard lock(mutex_);
  Difference out = Difference::none;
  if (effect.type == Effect::Type::remove) {
    for (const Object& object : effect.objects) {
      out = std::max(out, take(scope.kind, key_of(object)));
    }
    return out;
  }
  if (effect.type == Effect::Type::replace) {
    std::set<ObjectKey> present;
    for (const Object& object : effect.objects) present.insert(key_of(object));
    std::vector<ObjectKey> gone;
    with_map(set_, scope.kind, [&](const auto& map) {
      for (const auto& [key, value] : map) {
        if (scope.contains(key) && !present.contains(key)) gone.push_back(key);
      }
    });
    for (const ObjectKey& key : gone) out = std::max(out, take(scope.kind, key));
  }
  for (Object& object : effect.objects) out = std::max(out, put(std::move(object)));
  return out;
}

Difference Store::drop(const Scope& scope) {
  const Difference unreadable = set_unreadable(scope, "");
  return std::max(unreadable, apply(scope, {.type = Effect::Type::replace}));
}

Difference Store::set_unreadable(const Scope& scope, const std::string& reason) {
  if (scope.kind != ObjectKind::secret && scope.kind != ObjectKind::config_map) {
    return Difference::none;
  }
  const std::lock_guard lock(mutex_);
  auto& map =
      scope.kind == ObjectKind::secret ? set_.unreadable_secrets : set_.unreadable_config_maps;
  const ObjectKey key{scope.namespace_, scope.name};
  if (reason.empty()) return map.erase(key) > 0 ? Difference::objects : Difference::none;
  const auto [at, fresh] = map.try_emplace(key, reason);
  if (!fresh && at->second == reason) return Difference::none;
  at->second = reason;
  return Difference::objects;
}

Difference Store::set_unreadable_namespaces(std::set<std::string> namespaces) {
  const std::lock_guard lock(mutex_);
  if (set_.unreadable_namespaces == namespaces) return Difference::none;
  set_.unreadable_namespaces = std::move(namespaces);
  return Difference::objects;
}

ObjectSet Store::snapshot() const {
  const std::lock_guard lock(mutex_);
  ObjectSet out = set_;
  const auto is_hidden = [&](const auto& entry) {
    return out.unreadable_namespaces.contains(entry.first.namespace_);
  };
  if (!out.unreadable_namespaces.empty()) {
    std::erase_if(out.services, is_hidden);
    std::erase_if(out.endpoint_slices, is_hidden);
  }
  return out;
}

std::shared_ptr<const Service> Store::service(const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = set_.services.find(key);
  return found == set_.services.end() ? nullptr : found->second;
}

}  // namespace ropewalk::controller::kube
