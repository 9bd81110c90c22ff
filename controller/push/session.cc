#include "controller/push/session.h"

#include "common/strings.h"

#include <algorithm>

namespace ropewalk::controller {

using sync::v1::LANE_ENDPOINTS;
using sync::v1::LANE_REST;

namespace {

constexpr std::string_view kEndpoint = "endpoint/";
constexpr std::string_view kBackend = "backend/";
constexpr std::string_view kHosts = "hosts/";
constexpr std::string_view kCertificate = "tls/host/";

// The endpoint that a backend is a part of; nothing for a name of another kind.
std::optional<std::string> endpoint_of(const std::string& name) {
  if (!name.starts_with(kBackend) || !name.contains('#')) return std::nullopt;
  return std::string(kEndpoint) + name.substr(kBackend.size(), name.find('#') - kBackend.size());
}

// The schemes and ports of a host set, 0 for one without hosts.
std::size_t way_to(const config::v1::HostSet& hosts) {
  std::set<std::uint64_t> ways;
  for (const auto& host : hosts.hosts())
    ways.insert((std::uint64_t{1} << 32) | (std::uint64_t{host.port()} << 1) |
                (host.tls() ? 1 : 0));
  std::size_t out = 0;
  for (const std::uint64_t way : ways) out = out * 31 + std::hash<std::uint64_t>()(way);
  return out;
}

// The endpoint that `name` is, or is a part of.
std::optional<std::string> route_of(const std::string& name) {
  return name.starts_with(kEndpoint) ? std::optional(name) : endpoint_of(name);
}

// How the names of its backends begin.
std::string backends_of(const std::string& endpoint) {
  return std::string(kBackend) + endpoint.substr(kEndpoint.size()) + "#";
}

}  // namespace

Result<void> Session::on_report(const sync::v1::Report& report) {
  if (!node_) {
    if (auto done = introduce(report); !done) return done;
  } else if (report.has_node() || report.held_size() != 0) {
    return fail(Kind::protocol, "node and held belong to the first report only");
  }
  for (const auto& acknowledgement : report.acknowledgements())
    if (auto done = on_acknowledgement(acknowledgement); !done) return done;
  return {};
}

Result<void> Session::introduce(const sync::v1::Report& report) {
  if (!report.has_node() || report.node().id().empty())
    return fail(Kind::protocol, "the first report has to name its node");
  node_ = report.node();
  for (const auto& held : report.held()) {
    known_[held.name()] = {.received = held.hash(), .applied = held.hash(), .rejected = {}};
    dirty_.insert(held.name());
  }
  look_again_ = true;
  find_choices();
  return {};
}

void Session::on_desired(std::shared_ptr<const Desired> desired) {
  if (desired_ && desired->sequence == desired_->sequence) return;
  const bool follows =
      desired_ && desired->sequence == desired_->sequence + 1 && !desired->stays_changed;
  if (follows) {
    dirty_.insert(desired->changed.begin(), desired->changed.end());
  } else {
    for (const Desired* set : {desired_.get(), desired.get()}) {
      if (!set) continue;
      for (const auto& entry : set->resources) dirty_.insert(entry.first);
      for (const auto& entry : set->last_good) dirty_.insert(entry.first);
    }
    for (const auto& entry : known_) dirty_.insert(entry.first);
  }
  desired_ = std::move(desired);
  if (follows && !desired_->held_services.empty())
    for (const std::string& name : desired_->changed)
      if (name.starts_with(kEndpoint)) look_at_parts(name);
  look_again_ = true;
  find_choices();
}

// A route stays or goes with its parts.
void Session::look_at_parts(const std::string& endpoint) {
  const std::string prefix = backends_of(endpoint);
  const auto look = [&](const auto& from) {
    for (auto it = from.lower_bound(prefix); it != from.end() && it->first.starts_with(prefix);
         ++it)
      dirty_.insert(it->first);
  };
  look(known_);
  look(desired_->resources);
  look(desired_->last_good);
}

// While the addresses that it has are those of now: later nothing tells them apart.
void Session::find_choices() {
  if (!desired_) return;
  for (auto& [name, known] : known_)
    if (!known.choices.empty() && !desired_->host_choices.contains(name)) known.choices.clear();
  for (const auto& [name, choices] : desired_->host_choices) {
    const auto known = known_.find(name);
    if (known == known_.end() || !known->second.choices.empty()) continue;
    for (const auto& [choice, resource] : choices)
      if (resource->host_set().hosts_size() != 0 && resource->hash() == known->second.applied)
        known->second.choices.insert(choice);
  }
}

// Nothing where none is known, or where they are not one and the same any more.
std::shared_ptr<const config::v1::Resource> Session::chosen_hosts(const std::string& name,
                                                                  const Known& known) const {
  const HostChoices& choices = desired_->host_choices.at(name);
  std::shared_ptr<const config::v1::Resource> out;
  for (const std::string& choice : known.choices) {
    const auto found = choices.find(choice);
    if (found == choices.end() || (out && out->hash() != found->second->hash())) return nullptr;
    out = found->second;
  }
  return out;
}

Session::Change Session::change_of(const std::string& name) const {
  const auto wanted = desired_->resources.find(name);
  const auto known = known_.find(name);
  const bool received = known != known_.end() && !known->second.received.empty();
  if (desired_->extent == Extent::addresses && !is_served_host_set(name)) return {};
  if (received && is_of_unreadable_namespace(name)) return {};
  const auto route = route_of(name);
  const bool stays = route && stays_with_held_service(*route);
  if (stays && desired_->resources.contains(*route)) return {};
  const bool served = ever_served(name);
  const bool held = desired_->held.contains(name);
  if (held && desired_->host_choices.contains(name) &&
      (served || (known != known_.end() && !known->second.choices.empty()))) {
    auto hosts = chosen_hosts(name, known->second);
    if (!hosts) hosts = wanted->second;
    if (known->second.received == hosts->hash()) return {};
    return {Verb::upsert, std::move(hosts)};
  }
  if (held && served) return {};
  if (auto good = last_good(name)) {
    if (served || (received && known->second.received == good->hash())) return {};
    return {Verb::upsert, std::move(good)};
  }
  if (wanted == desired_->resources.end()) {
    if (held ? !received || !is_left_out(name) : !received || stays || is_kept_part(name))
      return {};
    return {Verb::remove, {}};
  }
  auto resource = wanted->second;
  if (!held)
    if (const auto kept = kept_parts(name); !kept.empty())
      resource = with_kept_parts(*resource, kept);
  if (received && known->second.received == resource->hash()) return {};
  return {Verb::upsert, std::move(resource)};
}

bool Session::ever_served(const std::string& name) const {
  const auto known = known_.find(name);
  return known != known_.end() && !known->second.applied.empty() &&
         !is_stand_in(known->second.applied);
}

// "backend/<identity>#<namespace>/<service>[/<key>]" belongs to "endpoint/<identity>".
std::vector<KeptPart> Session::kept_parts(const std::string& endpoint) const {
  std::vector<KeptPart> out;
  const auto possible = desired_->possible_parts.find(endpoint);
  if (possible == desired_->possible_parts.end()) return out;
  const std::string start = backends_of(endpoint);
  std::set<std::string> kept;  // one Service may be named twice: what is held of it, what is lost
  for (const PossiblePart& part : possible->second) {
    const std::string prefix = start + part.service;
    std::set<std::string> names;
    const auto look = [&](const auto& from, auto is_there) {
      for (auto it = from.lower_bound(prefix); it != from.end() && it->first.starts_with(prefix);
           ++it) {
        const bool of_service =
            it->first.size() == prefix.size() || it->first[prefix.size()] == '/';
        if (of_service && !desired_->resources.contains(it->first) && is_there(*it) &&
            kept.insert(it->first).second)
          names.insert(it->first);
      }
    };
    look(known_, [](const auto& entry) {
      return !entry.second.applied.empty() && !is_stand_in(entry.second.applied);
    });
    look(desired_->last_good, [&](const auto& entry) { return last_good(entry.first) != nullptr; });
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    for (const std::string& name : names) out.push_back({name, part.position});
    std::ranges::sort(out.begin() + first, out.end(), {}, [&](const KeptPart& kept) {
      return std::pair(std::ranges::find(part.backends, kept.backend) - part.backends.begin(),
                       kept.backend);
    });
  }
  return out;
}

// A stand-in that no endpoint names any more.
bool Session::is_left_out(const std::string& name) const {
  const auto endpoint = endpoint_of(name);
  return endpoint && desired_->resources.contains(*endpoint) && !desired_->held.contains(*endpoint);
}

std::shared_ptr<const config::v1::Resource> Session::last_good(const std::string& name) const {
  const auto found = desired_->last_good.find(name);
  if (found == desired_->last_good.end()) return nullptr;
  const auto refused = refused_.find(name);
  if (refused != refused_.end() && refused->second == found->second->hash()) return nullptr;
  return found->second;
}

bool Session::is_kept_part(const std::string& name) const {
  const auto endpoint = endpoint_of(name);
  return endpoint && std::ranges::any_of(kept_parts(*endpoint), [&](const KeptPart& part) {
           return part.backend == name;
         });
}

std::vector<Session::PartName> Session::parts_of(const std::string& endpoint) const {
  std::vector<PartName> out;
  const std::string prefix = backends_of(endpoint);
  for (auto it = known_.lower_bound(prefix); it != known_.end() && it->first.starts_with(prefix);
       ++it) {
    const auto part = split(std::string_view(it->first).substr(prefix.size()), '/');
    if (part.size() < 2 || it->second.applied.empty()) continue;
    out.push_back(
        {it->first, std::string(part[0]), std::string(part[0]) + "/" + std::string(part[1])});
  }
  return out;
}

// Whatever the data plane said about it.
bool Session::has_part_of(const std::string& endpoint, const std::string& service) const {
  const std::string prefix = backends_of(endpoint) + service;
  for (auto it = known_.lower_bound(prefix); it != known_.end() && it->first.starts_with(prefix);
       ++it)
    if (it->first.size() == prefix.size() || it->first[prefix.size()] == '/') return true;
  return false;
}

// A route whose Service cannot say any more what it claims is known by the names of its backends.
// Nor does another Service get it that has no part of it here: a controller that has just begun
// does not know who had the claim.
bool Session::stays_with_held_service(const std::string& endpoint) const {
  if (desired_->held_services.empty()) return false;
  if (const auto wanted = desired_->resources.find(endpoint); wanted != desired_->resources.end()) {
    const std::string owner = owner_of(*wanted->second);
    if (owner.empty() || !ever_served(endpoint) || has_part_of(endpoint, owner)) return false;
  }
  if (const auto former = desired_->former_owners.find(endpoint);
      former != desired_->former_owners.end() &&
      std::ranges::any_of(former->second, [&](const std::string& service) {
        return has_part_of(endpoint, service);
      }))
    return false;
  return std::ranges::any_of(parts_of(endpoint), [&](const PartName& part) {
    return desired_->held_services.contains(part.service);
  });
}

bool Session::has_unreadable_part(const std::string& endpoint) const {
  return std::ranges::any_of(parts_of(endpoint), [&](const PartName& part) {
    return desired_->unreadable_namespaces.contains(part.namespace_);
  });
}

// Neither sent nor removed: an endpoint stays with all its parts, whoever they belong to, for an
// owner that cannot be seen has the older claim, and what it consented to is not known.
bool Session::is_of_unreadable_namespace(const std::string& name) const {
  const auto& unreadable = desired_->unreadable_namespaces;
  if (unreadable.empty()) return false;
  const bool wanted = desired_->resources.contains(name);
  if (const auto endpoint = route_of(name))
    return has_unreadable_part(*endpoint) ||
           // Whose an endpoint without parts is cannot be told.
           (!wanted && parts_of(*endpoint).empty());
  if (wanted) return false;
  for (const std::string_view kind : {kHosts, kCertificate}) {
    if (!name.starts_with(kind)) continue;
    const auto pieces = split(std::string_view(name).substr(kind.size()), '/');
    if (unreadable.contains(std::string(pieces.front()))) return true;
  }
  // Hosts of others that an endpoint which stays asks.
  if (!name.starts_with(kHosts)) return false;
  const std::string service = name.substr(kHosts.size());
  return std::ranges::any_of(known_, [&](const auto& entry) {
    const auto endpoint = endpoint_of(entry.first);
    if (!endpoint) return false;
    const auto part = std::string_view(entry.first).substr(entry.first.find('#') + 1);
    return (part == service || part.starts_with(service + "/")) && has_unreadable_part(*endpoint);
  });
}

bool Session::is_served_host_set(const std::string& name) const {
  const auto wanted = desired_->resources.find(name);
  const auto known = known_.find(name);
  return wanted != desired_->resources.end() && wanted->second->has_host_set() &&
         known != known_.end() && !known->second.applied.empty();
}

bool Session::is_address_update(const std::string& name, const Change& change) const {
  if (change.verb != Verb::upsert || !is_served_host_set(name)) return false;
  const std::size_t before = known_.at(name).way;
  const std::size_t way = way_to(change.resource->host_set());
  return before == 0 || way == 0 || way == before;
}

// Of a host set that it brought along: its hash says that it is what is desired.
void Session::learn_way(const std::string& name) {
  const auto known = known_.find(name);
  if (known == known_.end() || known->second.way != 0) return;
  const auto wanted = desired_->resources.find(name);
  if (wanted != desired_->resources.end() && wanted->second->hash() == known->second.received)
    known->second.way = way_to(wanted->second->host_set());
}

void Session::start_flights() {
  if (!node_ || !desired_ || !look_again_) return;
  look_again_ = false;
  const bool rest_free = !flight(LANE_REST);
  const bool endpoints_free = !flight(LANE_ENDPOINTS);
  if (!rest_free && !endpoints_free) return;

  Flight next;
  bool only_addresses = true;
  std::set<std::string> later;
  for (const std::string& name : dirty_) {
    if (!rest_free && flight(LANE_REST)->names.contains(name)) {
      later.insert(name);
      continue;
    }
    const Change change = change_of(name);
    if (!endpoints_free && flight(LANE_ENDPOINTS)->names.contains(name)) {
      // What calls it another way must not arrive before it.
      if (change.verb == Verb::upsert && !is_address_update(name, change)) return;
      later.insert(name);
      continue;
    }
    if (change.verb == Verb::nothing) {
      learn_way(name);
      continue;
    }
    const bool addresses = is_address_update(name, change);
    if (!rest_free && !addresses) {
      later.insert(name);
      continue;
    }
    only_addresses = only_addresses && addresses;
    if (change.verb == Verb::upsert)
      next.upserts.push_back(change.resource);
    else
      next.removals.push_back(name);
    next.names.insert(name);
  }
  const bool nothing = next.names.empty();
  // The first transaction says that nothing is missing, even when there is nothing to send.
  const bool to_say = rest_free && !said_complete_ && desired_->extent == Extent::everything;
  if (nothing && !to_say) {
    dirty_ = std::move(later);
    return;
  }
  const auto lane = only_addresses && !to_say ? LANE_ENDPOINTS : LANE_REST;
  if (flight(lane)) return;  // addresses only, while their lane is busy: they merge meanwhile
  dirty_ = std::move(later);
  next.complete = lane == LANE_REST && dirty_.empty() && endpoints_free &&
                  desired_->extent == Extent::everything;
  flight(lane) = std::move(next);
}

std::optional<sync::v1::Delta> Session::next() {
  start_flights();
  for (const auto lane : {LANE_ENDPOINTS, LANE_REST})
    if (flight(lane) && !flight(lane)->all_sent) return next_part(*flight(lane), lane);
  return std::nullopt;
}

sync::v1::Delta Session::next_part(Flight& flight, sync::v1::Lane lane) {
  // Numbered as they are sent: the lanes overtake each other.
  if (flight.parts_sent == 0) flight.revision = ++revision_;
  sync::v1::Delta delta;
  delta.set_revision(flight.revision);
  delta.set_part(flight.parts_sent++);
  delta.set_lane(lane);
  // Tag and length of an entry take at most 6 bytes, the fields above at most 32.
  std::size_t bytes = 32;
  const auto fits = [&](std::size_t size) {
    const bool first = delta.upserts_size() == 0 && delta.removals_size() == 0;
    if (!first && bytes + size + 6 > max_part_) return false;
    bytes += size + 6;
    return true;
  };
  while (flight.upserts_sent < flight.upserts.size() &&
         fits(flight.upserts[flight.upserts_sent]->ByteSizeLong()))
    *delta.add_upserts() = *flight.upserts[flight.upserts_sent++];
  if (flight.upserts_sent == flight.upserts.size())
    while (flight.removals_sent < flight.removals.size() &&
           fits(flight.removals[flight.removals_sent].size()))
      delta.add_removals(flight.removals[flight.removals_sent++]);
  flight.all_sent = flight.upserts_sent == flight.upserts.size() &&
                    flight.removals_sent == flight.removals.size();
  delta.set_last(flight.all_sent);
  delta.set_complete(flight.all_sent && flight.complete);
  return delta;
}

Result<void> Session::on_acknowledgement(const sync::v1::Acknowledgement& acknowledgement) {
  if (acknowledgement.lane() != LANE_REST && acknowledgement.lane() != LANE_ENDPOINTS)
    return fail(Kind::protocol, "acknowledgement of an unknown lane");
  auto& answered = flight(acknowledgement.lane());
  if (!answered || !answered->all_sent || answered->revision != acknowledgement.revision())
    return fail(Kind::protocol, "acknowledgement of revision " +
                                    std::to_string(acknowledgement.revision()) +
                                    ", which is not waiting for one");
  for (const auto& resource : answered->upserts) {
    Known& known = known_[resource->name()];
    known.received = resource->hash();
    if (const std::size_t way = way_to(resource->host_set())) known.way = way;
  }
  for (const std::string& name : answered->removals) {
    known_.erase(name);
    refused_.erase(name);
  }
  for (const auto& applied : acknowledgement.applied()) {
    const auto known = known_.find(applied.name());
    if (known == known_.end()) continue;
    known->second.applied = applied.hash();
    known->second.rejected.reset();
  }
  for (const auto& rejection : acknowledgement.rejected()) {
    const auto known = known_.find(rejection.name());
    if (known == known_.end()) continue;
    known->second.rejected =
        RejectedVersion{rejection.hash(), rejection.message(), rejection.serves_last_good()};
    if (!rejection.serves_last_good()) {
      known->second.applied.clear();
      refused_[rejection.name()] = rejection.hash();
    }
    dirty_.insert(rejection.name());  // a held name that serves nothing now needs its problem
    if (auto endpoint = endpoint_of(rejection.name())) dirty_.insert(std::move(*endpoint));
  }
  // What is in force there decides what stays.
  if (desired_ && !desired_->held_services.empty()) {
    std::set<std::string> routes;
    for (const std::string& name : answered->names)
      if (auto route = route_of(name)) routes.insert(std::move(*route));
    for (const std::string& route : routes) look_at_parts(route);
    dirty_.insert(routes.begin(), routes.end());
  }
  if (answered->complete) said_complete_ = true;
  answered.reset();
  look_again_ = true;
  return {};
}

bool Session::settled() const {
  if (!node_ || !desired_ || flights_[LANE_REST] || flights_[LANE_ENDPOINTS]) return false;
  for (const std::string& name : dirty_)
    if (change_of(name).verb != Verb::nothing) return false;
  return said_complete_;
}

std::map<std::string, std::string> Session::applied() const {
  std::map<std::string, std::string> out;
  for (const auto& [name, known] : known_)
    if (!known.applied.empty()) out.emplace(name, content_hash_of(known.applied));
  return out;
}

std::map<std::string, RejectedVersion> Session::rejected() const {
  std::map<std::string, RejectedVersion> out;
  for (const auto& [name, known] : known_) {
    if (!known.rejected) continue;
    auto version = *known.rejected;
    version.hash = content_hash_of(known.rejected->hash);
    out.emplace(name, std::move(version));
  }
  return out;
}

}  // namespace ropewalk::controller
