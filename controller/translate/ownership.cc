// Who owns which route, and who may add a part to it (design 5.1 and 5.2).
#include "controller/translate/shadows.h"
#include "controller/translate/state.h"

#include "common/strings.h"
#include "config/path.h"
#include "config/routes.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace ropewalk::controller {
namespace {

// The claim: what a client can tell apart.
std::string claim_name(const std::string& host, const std::string& method,
                       const std::string& path) {
  return "endpoint/" + (host.empty() ? "*" : host) + " " + method + " " +
         config::path_identity(path);
}

// What is taken: claims, on each host what KrakenD's router accepts beside each other, and what a
// claim would take from another one.
class Claims {
 public:
  // The configuration's endpoints are for any host. A route of a host alone would come before them,
  // and with it before what protects them.
  explicit Claims(const Work& work) {
    for (const auto& [name, resource] : work.resources) {
      if (!resource.has_endpoint()) continue;
      const auto& endpoint = resource.endpoint();
      owners_.emplace(name, kConfiguration);
      std::ignore = tables_[""].add(endpoint.method(), endpoint.path(), kConfiguration);
      shadows_.add({"", endpoint.method(), endpoint.path()}, "", kConfiguration);
    }
  }

  // What is in the way; nothing when the claim is won.
  std::optional<std::string> take(const ClaimKey& claim, const std::string& name,
                                  const std::string& space, const std::string& owner) {
    if (const auto taken = owners_.find(name); taken != owners_.end())
      return describe(claim) + " is served by " +
             (taken->second == owner ? "another entry of this Service" : taken->second);
    if (const auto shadowed = shadows_.over(claim, space)) return describe(claim) + " " + *shadowed;
    if (auto added = tables_[claim.host].add(claim.method, claim.path, owner); !added)
      return describe({"", claim.method, claim.path}) + ": " + added.error().message;
    owners_.emplace(name, owner);
    shadows_.add(claim, space, owner);
    return std::nullopt;
  }

 private:
  static constexpr const char* kConfiguration = "the gateway configuration";

  std::map<std::string, std::string> owners_;
  std::map<std::string, config::RouteTable> tables_;
  Shadows shadows_;
};

bool had_claim(const Work& work, const ServiceState& state, const EntrySpec& entry) {
  auto hosts = entry.hostnames;
  if (hosts.empty()) hosts.emplace_back();
  return std::ranges::any_of(hosts, [&](const std::string& host) {
    const auto had = work.before.claims.find(claim_name(host, entry.method, entry.path));
    return had != work.before.claims.end() && had->second.identity == state.identity();
  });
}

std::string first_there(const ServiceState& state) {
  return "Service " + state.text() + ", which was there first";
}

// Which routes a Service claims may be what its broken annotations do not tell: those that it had
// are not up for others, unless an entry of its own asks for them.
void keep_unreadable(Work& work, Claims& claims) {
  std::map<std::string, const ServiceState*> unreadable;
  std::set<std::string> own;
  for (const auto& state : work.services) {
    if (!state->spec.exposed || !state->spec.claims_unknown) continue;
    unreadable.emplace(state->identity(), state.get());
    for (const EntrySpec& entry : state->spec.entries) {
      if (entry.joins || !entry.claim_known) continue;
      for (const std::string& host : entry.hostnames)
        own.insert(claim_name(host, entry.method, entry.path));
      if (entry.hostnames.empty()) own.insert(claim_name("", entry.method, entry.path));
    }
  }
  for (const auto& [name, claim] : work.before.claims) {
    const auto state = unreadable.find(claim.identity);
    if (state == unreadable.end() || own.contains(name)) continue;
    work.out.memory.claims.emplace(name, claim);
    std::ignore = claims.take({claim.host, claim.method, claim.path}, name,
                              state->second->spec.key.namespace_, first_there(*state->second));
  }
}

// False: a part of what it claims is another's.
bool claim(Work& work, ServiceState& state, EntrySpec& entry, Claims& claims) {
  auto route = std::make_unique<Route>();
  route->owner = &state;
  route->entry = &entry;
  auto hosts = entry.hostnames;
  if (hosts.empty()) hosts.emplace_back();
  const std::string owner = first_there(state);
  for (const std::string& host : hosts) {
    const std::string name = claim_name(host, entry.method, entry.path);
    if (auto in_the_way =
            claims.take({host, entry.method, entry.path}, name, state.spec.key.namespace_, owner))
      state.refused.push_back({kConflict, std::move(*in_the_way)});
    else
      route->names.emplace(host, name);
  }
  const bool all = route->names.size() == hosts.size();
  work.routes.push_back(std::move(route));
  return all;
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

// Looking for what was meant is dear: `with_hint` for one join of a Service.
std::string not_found(const ObjectKey& target, const RoutesByName& routes, bool with_hint) {
  const std::string what =
      "ropewalk.dev/join: no endpoint " + target.name + " in namespace " + target.namespace_;
  if (!with_hint) return what;
  std::vector<std::string_view> names;
  for (auto at = routes.lower_bound({target.namespace_, ""});
       at != routes.end() && at->first.namespace_ == target.namespace_; ++at)
    names.push_back(at->first.name);
  const std::string_view near = nearest(target.name, names);
  return what + (near.empty() ? "" : " (did you mean " + std::string(near) + "?)");
}

bool permits(const Route& route, const ServiceState& state) {
  const std::string& from = state.spec.key.namespace_;
  return from == route.owner->spec.key.namespace_ ||
         std::ranges::find(route.entry->allow_joins_from, from) !=
             route.entry->allow_joins_from.end();
}

std::optional<Problem> refusal(const ServiceState& state, const EntrySpec& entry,
                               const RoutesByName& routes) {
  const auto found = routes.find(*entry.target);
  if (found == routes.end())
    return Problem{kOwnerNotFound, not_found(*entry.target, routes, state.refused.empty())};
  const Route& route = *found->second;
  const std::string name = entry.target->namespace_ + "/" + entry.target->name;
  if (!permits(route, state))
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

// Where a route whose claim cannot be read may be, with its parts.
std::set<std::string_view> namespaces_of_unknown_claims(const Work& work) {
  std::set<std::string_view> out;
  for (const auto& state : work.services)
    if (state->spec.claims_unknown) out.insert(state->spec.key.namespace_);
  return out;
}

bool comes_before(const Joiner& a, const Joiner& b) {
  const auto key = [](const Joiner& joiner) {
    return std::tuple(joiner.entry ? joiner.entry->order : 0, joiner.service->spec.key);
  };
  return key(a) < key(b);
}

// What a Service joins cannot be told: it stays a part of wherever it is one.
std::optional<Joiner> joins_something(ServiceState& state) {
  for (EntrySpec& entry : state.spec.entries)
    if (entry.joins && !entry.target) return Joiner{&state, &entry};
  if (state.spec.exposed && state.spec.claims_unknown) return Joiner{&state, nullptr};
  return std::nullopt;
}

void find_possible_parts(Work& work) {
  std::vector<Joiner> lost;
  for (const auto& state : work.services)
    if (const auto joiner = joins_something(*state)) lost.push_back(*joiner);
  std::ranges::sort(lost, comes_before);
  for (const auto& route : work.routes) {
    if (route->endpoint.output_encoding() == config::v1::ENCODING_NO_OP) continue;
    for (const Joiner& joiner : lost) {
      if (joiner.service == route->owner || !permits(*route, *joiner.service)) continue;
      const auto after = std::ranges::find_if(
          route->joiners, [&](const Joiner& other) { return comes_before(joiner, other); });
      route->possible.emplace_back(
          joiner, static_cast<std::size_t>(std::distance(route->joiners.begin(), after)));
    }
  }
}

}  // namespace

void settle_claims(Work& work) {
  struct Claimant {
    ServiceState* service;
    EntrySpec* entry;
    bool had_it;
    std::size_t place;
  };
  std::vector<Claimant> claimants;
  for (const auto& state : work.services)
    for (EntrySpec& entry : state->spec.entries)
      if (!entry.joins && entry.claim_known)
        claimants.push_back(
            {state.get(), &entry, had_claim(work, *state, entry), claimants.size()});
  // Of equal age the one that is served stays. Who may not be exposed at all takes nothing new.
  std::ranges::sort(claimants, {}, [](const Claimant& one) {
    const ServiceSpec& spec = one.service->spec;
    return std::tuple(spec.expose_unknown && !one.had_it,
                      std::string_view(spec.service->meta.creation_timestamp), !one.had_it,
                      one.place);
  });
  Claims claims(work);
  keep_unreadable(work, claims);
  for (const Claimant& one : claimants)
    if (!claim(work, *one.service, *one.entry, claims))
      one.service->gave_way |= one.service->spec.expose_unknown && !one.had_it;
}

void settle_joins(Work& work) {
  const RoutesByName routes = routes_by_name(work);
  const auto of_unknown_claims = namespaces_of_unknown_claims(work);
  for (const auto& state : work.services) {
    for (EntrySpec& entry : state->spec.entries) {
      if (!entry.joins || !entry.target) continue;
      auto problem = refusal(*state, entry, routes);
      const auto found = routes.find(*entry.target);
      if (!problem)
        found->second->joiners.push_back({state.get(), &entry});
      else if (found != routes.end() && !permits(*found->second, *state))
        found->second->withdrawn.push_back({state.get(), &entry});
      state->reached_by_held |=
          found == routes.end()
              ? of_unknown_claims.contains(entry.target->namespace_)
              : !found->second->entry->consent_known || found->second->owner->gave_way;
      if (problem) state->refused.push_back(std::move(*problem));
    }
  }
  for (const auto& route : work.routes) std::ranges::sort(route->joiners, comes_before);
  find_possible_parts(work);
}

}  // namespace ropewalk::controller
