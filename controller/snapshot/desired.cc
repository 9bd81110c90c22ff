#include "controller/snapshot/desired.h"

#include "common/strings.h"
#include "controller/translate/translate.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ropewalk::controller {
namespace {

constexpr std::string_view kStandInPrefix = "held:";
constexpr char kKeptPart = '+';
constexpr std::string_view kEndpoint = "endpoint/";
constexpr std::string_view kBackend = "backend/";

std::shared_ptr<const config::v1::Resource> with_hash(const config::v1::Resource& resource,
                                                      std::string hash) {
  auto copy = std::make_shared<config::v1::Resource>(resource);
  copy->set_hash(std::move(hash));
  return copy;
}

bool same(const HostChoices& a, const HostChoices& b) {
  return std::ranges::equal(a, b, [](const auto& one, const auto& other) {
    return one.first == other.first && one.second->hash() == other.second->hash();
  });
}

// One walk over the two.
void add_differences(const ResourcesByName& before, const ResourcesByName& after,
                     std::set<std::string>& changed) {
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() || b != after.end()) {
    if (b == after.end() || (a != before.end() && a->first < b->first)) {
      changed.insert(a->first);
      ++a;
    } else if (a == before.end() || b->first < a->first) {
      changed.insert(b->first);
      ++b;
    } else {
      if (a->second->hash() != b->second->hash()) changed.insert(a->first);
      ++a;
      ++b;
    }
  }
}

std::vector<std::string> differences(const Desired& before, const Desired& after) {
  std::set<std::string> changed;
  std::ranges::set_symmetric_difference(before.held, after.held,
                                        std::inserter(changed, changed.end()));
  add_differences(before.resources, after.resources, changed);
  add_differences(before.last_good, after.last_good, changed);
  for (const auto& [name, choices] : after.host_choices) {
    const auto old = before.host_choices.find(name);
    if (old == before.host_choices.end() || !same(old->second, choices)) changed.insert(name);
  }
  return {changed.begin(), changed.end()};
}

// Finds Desired::last_good of `next` in what was before it.
class LastGood {
 public:
  LastGood(const Desired& before, const Desired& next) : before_(before), next_(next) {}

  ResourcesByName find() {
    for (const std::string& name : next_.held) want(name);
    if (!next_.held_services.empty()) {
      want_routes_of_held_services(before_.resources);
      want_routes_of_held_services(before_.last_good);
    }
    for (const auto& [endpoint, parts] : next_.possible_parts)
      for (const PossiblePart& part : parts) {
        want_parts(backends_of(endpoint) + part.service, before_.resources);
        want_parts(backends_of(endpoint) + part.service, before_.last_good);
      }
    while (!open_.empty()) {
      const auto resource = std::move(open_.back());
      open_.pop_back();
      for (const std::string& backend : resource->endpoint().backends()) want(backend);
      want(resource->endpoint().tls_secret());
      want(resource->backend().host_set());
    }
    return std::move(found_);
  }
  // After find(): host sets of Services that are gone, which parts that stay refer to.
  const std::set<std::string>& hosts_of_nobody() const { return hosts_of_nobody_; }

 private:
  static std::string backends_of(const std::string& endpoint) {
    return std::string(kBackend) + endpoint.substr(kEndpoint.size()) + "#";
  }

  void want(const std::string& name) {
    // Addresses that no slice names any more are good for nobody.
    if (next_.host_choices.contains(name)) return;
    const auto wanted = next_.resources.find(name);
    if (wanted != next_.resources.end() && !next_.held.contains(name)) return;
    auto old = before_.last_good.find(name);
    if (old == before_.last_good.end()) {
      old = before_.resources.find(name);
      if (old == before_.resources.end() || is_stand_in(old->second->hash())) return;
    }
    // A Service that is gone has no addresses any more, whoever has them now.
    if (old->second->has_host_set() && wanted == next_.resources.end() &&
        !next_.held.contains(name)) {
      hosts_of_nobody_.insert(name);
      return;
    }
    // A route that another Service claims now is not the one that was served.
    if (wanted != next_.resources.end() && wanted->second->has_endpoint() &&
        owner_of(*wanted->second) != owner_of(*old->second))
      return;
    if (found_.insert(*old).second) open_.push_back(old->second);
  }

  // A route is known by the names of its backends, and stays with all of them.
  void want_routes_of_held_services(const ResourcesByName& from) {
    for (auto it = from.lower_bound(std::string(kBackend));
         it != from.end() && it->first.starts_with(kBackend); ++it) {
      const auto mark = it->first.find('#');
      if (mark == std::string::npos) continue;
      const auto part = split(std::string_view(it->first).substr(mark + 1), '/');
      if (part.size() < 2 ||
          !next_.held_services.contains(std::string(part[0]) + "/" + std::string(part[1])))
        continue;
      const std::string endpoint =
          std::string(kEndpoint) + it->first.substr(kBackend.size(), mark - kBackend.size());
      const auto old = from.find(endpoint);
      if (old == from.end() || next_.resources.contains(endpoint)) continue;
      // Another owner has taken it away.
      const std::string owner = owner_of(*old->second);
      if (owner.empty() || next_.held_services.contains(owner)) want(endpoint);
    }
  }

  // "<prefix>" itself and "<prefix>/<key>".
  void want_parts(const std::string& prefix, const ResourcesByName& from) {
    for (auto it = from.lower_bound(prefix); it != from.end() && it->first.starts_with(prefix);
         ++it)
      if (it->first.size() == prefix.size() || it->first[prefix.size()] == '/') want(it->first);
  }

  const Desired& before_;
  const Desired& next_;
  ResourcesByName found_;
  std::set<std::string> hosts_of_nobody_;
  std::vector<std::shared_ptr<const config::v1::Resource>> open_;  // references not followed yet
};

std::shared_ptr<const config::v1::Resource> no_hosts(const std::string& name) {
  auto out = std::make_shared<config::v1::Resource>();
  out->set_name(name);
  out->set_hash("nobody");
  out->mutable_host_set();
  return out;
}

std::map<std::string, std::set<std::string>> former_owners(const Desired& before,
                                                           const Desired& next) {
  if (next.held_services.empty()) return {};
  auto out = before.former_owners;
  for (auto it = before.resources.lower_bound(std::string(kEndpoint));
       it != before.resources.end() && it->first.starts_with(kEndpoint); ++it) {
    const std::string owner = owner_of(*it->second);
    if (owner.empty() || next.held_services.contains(owner)) continue;
    const auto now = next.resources.find(it->first);
    const bool still = now == next.resources.end() ? next.held.contains(it->first)
                                                   : owner_of(*now->second) == owner;
    if (!still) out[it->first].insert(owner);
  }
  return out;
}

}  // namespace

bool is_stand_in(std::string_view hash) { return hash.starts_with(kStandInPrefix); }

std::string owner_of(const config::v1::Resource& resource) {
  if (resource.origins().empty() || resource.origins(0).kind() != "Service") return "";
  return resource.origins(0).namespace_() + "/" + resource.origins(0).name();
}

std::string_view content_hash_of(std::string_view wire_hash) {
  if (is_stand_in(wire_hash)) wire_hash.remove_prefix(kStandInPrefix.size());
  return wire_hash.substr(0, wire_hash.find(kKeptPart));
}

std::shared_ptr<const config::v1::Resource> with_kept_parts(const config::v1::Resource& endpoint,
                                                            const std::vector<KeptPart>& parts) {
  auto out = std::make_shared<config::v1::Resource>(endpoint);
  auto& backends = *out->mutable_endpoint()->mutable_backends();
  backends.Clear();
  auto part = parts.begin();
  for (int i = 0; i <= endpoint.endpoint().backends_size(); ++i) {
    for (; part != parts.end() && part->position <= i; ++part) {
      *backends.Add() = part->backend;
      out->set_hash(out->hash() + kKeptPart + part->backend);
    }
    if (i < endpoint.endpoint().backends_size()) *backends.Add() = endpoint.endpoint().backends(i);
  }
  return out;
}

std::shared_ptr<const Desired> DesiredBuilder::build(const Translation& translation, Extent extent,
                                                     const std::set<std::string>& unreadable) {
  static const Desired kNothing;
  const Desired& before = last_ ? *last_ : kNothing;
  auto next = std::make_shared<Desired>();
  next->held = translation.held;
  next->held_services = translation.held_services;
  next->possible_parts = translation.possible_parts;
  for (const auto& [name, choices] : translation.host_choices) {
    HostChoices& shared = next->host_choices[name];  // also where there is none to choose
    for (const auto& [choice, resource] : choices)
      shared[choice] = std::make_shared<config::v1::Resource>(resource);
  }
  next->unreadable_namespaces = unreadable;
  next->extent = extent;
  next->stays_changed = next->held_services != before.held_services ||
                        next->possible_parts != before.possible_parts ||
                        next->unreadable_namespaces != before.unreadable_namespaces ||
                        next->extent != before.extent;
  for (const config::v1::Resource& resource : translation.resources) {
    const bool stands_in = translation.held.contains(resource.name());
    std::string hash = (stands_in ? std::string(kStandInPrefix) : std::string()) + resource.hash();
    const auto old = before.resources.find(resource.name());
    next->resources[resource.name()] = old != before.resources.end() && old->second->hash() == hash
                                           ? old->second
                                           : with_hash(resource, std::move(hash));
  }
  if (extent == Extent::everything) next->former_owners = former_owners(before, *next);
  // What was made without the gateway's own document was never meant to be served.
  if (before.extent == Extent::everything && extent == Extent::everything) {
    LastGood good(before, *next);
    next->last_good = good.find();
    for (const std::string& name : good.hosts_of_nobody())
      next->resources.emplace(name, no_hosts(name));
  }
  next->changed = differences(before, *next);
  if (last_ && next->changed.empty() && !next->stays_changed) return last_;
  next->sequence = before.sequence + 1;
  last_ = next;
  return last_;
}

}  // namespace ropewalk::controller
