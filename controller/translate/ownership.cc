// Who owns which route, and who may add a part to it (design 5, rules 1 and 2).
#include "controller/translate/state.h"

#include "common/strings.h"
#include "config/path.h"
#include "config/routes.h"

#include <algorithm>
#include <tuple>

namespace ropewalk::controller {
namespace {

std::string describe(const EntrySpec& entry) {
  return (entry.method == "*" ? "any method of " : entry.method + " ") + entry.path;
}

// The claim: what a client can tell apart.
std::string claim_name(const std::string& host, const EntrySpec& entry) {
  return "endpoint/" + (host.empty() ? "*" : host) + " " + entry.method + " " +
         config::path_identity(entry.path);
}

// What is taken: claims, and on each host what KrakenD's router accepts beside each other.
class Claims {
 public:
  explicit Claims(const Work& work) {
    for (const auto& [name, resource] : work.resources) {
      if (!resource.has_endpoint()) continue;
      owners_.emplace(name, kConfiguration);
      std::ignore =
          tables_[""].add(resource.endpoint().method(), resource.endpoint().path(), kConfiguration);
    }
  }

  // What is in the way; nothing when the claim is won.
  std::optional<std::string> take(const std::string& host, const std::string& name,
                                  const EntrySpec& entry, const std::string& owner) {
    if (const auto taken = owners_.find(name); taken != owners_.end())
      return describe(entry) + (host.empty() ? "" : " on " + host) + " is served by " +
             (taken->second == owner ? "another entry of this Service" : taken->second);
    if (auto added = tables_[host].add(entry.method, entry.path, owner); !added)
      return describe(entry) + ": " + added.error().message;
    owners_.emplace(name, owner);
    return std::nullopt;
  }

 private:
  static constexpr const char* kConfiguration = "the gateway configuration";
  std::map<std::string, std::string> owners_;
  std::map<std::string, config::RouteTable> tables_;
};

void claim(Work& work, ServiceState& state, EntrySpec& entry, Claims& claims) {
  auto route = std::make_unique<Route>();
  route->owner = &state;
  route->entry = &entry;
  auto hosts = entry.hostnames;
  if (hosts.empty()) hosts.emplace_back();
  const std::string owner = "Service " + state.text() + ", which was there first";
  for (const std::string& host : hosts) {
    const std::string name = claim_name(host, entry);
    if (auto in_the_way = claims.take(host, name, entry, owner))
      state.refused.push_back({kConflict, std::move(*in_the_way)});
    else
      route->names.emplace(host, name);
  }
  work.routes.push_back(std::move(route));
}

using RoutesByName = std::map<ObjectKey, Route*>;

RoutesByName routes_by_name(Work& work) {
  RoutesByName out;
  for (const auto& route : work.routes) {
    ServiceState& owner = *route->owner;
    const auto [found, fresh] =
        out.emplace(ObjectKey{owner.spec.key.namespace_, route->entry->name}, route.get());
    if (!fresh)
      route->entry->problems.push_back(
          {kConflict, "the endpoint name " + route->entry->name + " belongs to Service " +
                          found->second->owner->text() + ": set another ropewalk.dev/name"});
  }
  return out;
}

std::string not_found(const ObjectKey& target, const RoutesByName& routes) {
  std::vector<std::string_view> names;
  for (const auto& [key, route] : routes)
    if (key.namespace_ == target.namespace_) names.push_back(key.name);
  const std::string_view near = nearest(target.name, names);
  return "ropewalk.dev/join: no endpoint " + target.name + " in namespace " + target.namespace_ +
         (near.empty() ? "" : " (did you mean " + std::string(near) + "?)");
}

std::optional<Problem> refusal(const ServiceState& state, const EntrySpec& entry,
                               const RoutesByName& routes) {
  const auto found = routes.find(*entry.target);
  if (found == routes.end()) return Problem{kOwnerNotFound, not_found(*entry.target, routes)};
  const Route& route = *found->second;
  const std::string name = entry.target->namespace_ + "/" + entry.target->name;
  const bool same_namespace = state.spec.key.namespace_ == entry.target->namespace_;
  if (!same_namespace &&
      std::ranges::find(route.entry->allow_joins_from, state.spec.key.namespace_) ==
          route.entry->allow_joins_from.end())
    return Problem{kNotPermitted, "ropewalk.dev/join: " + name + " does not list namespace " +
                                      state.spec.key.namespace_ +
                                      " in ropewalk.dev/allow-joins-from"};
  if (route.endpoint.output_encoding() == config::v1::ENCODING_NO_OP)
    return Problem{kNotPermitted,
                   "ropewalk.dev/join: " + name + " passes one answer through (no-op)"};
  if (route.names.empty())
    return Problem{kOwnerNotFound, "ropewalk.dev/join: " + name + " lost its route to another"};
  return std::nullopt;
}

}  // namespace

void settle_claims(Work& work) {
  Claims claims(work);
  for (const auto& state : work.services)
    for (EntrySpec& entry : state->spec.entries)
      if (!entry.joins && entry.claim_known) claim(work, *state, entry, claims);
}

void settle_joins(Work& work) {
  const RoutesByName routes = routes_by_name(work);
  for (const auto& state : work.services) {
    for (EntrySpec& entry : state->spec.entries) {
      if (!entry.joins || !entry.target) continue;
      if (auto problem = refusal(*state, entry, routes)) {
        state->refused.push_back(std::move(*problem));
        continue;
      }
      routes.at(*entry.target)->joiners.push_back({state.get(), &entry});
    }
  }
  for (const auto& route : work.routes)
    std::ranges::sort(route->joiners, {}, [](const Joiner& joiner) {
      return std::tie(joiner.entry->order, joiner.service->spec.key);
    });
}

}  // namespace ropewalk::controller
