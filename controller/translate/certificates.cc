// The certificates of the listener: `tls-secret` of routes and the gateway's default (rule 4).
// One resource for each host and namespace, not for each Secret: while the pair that is named is
// missing, data planes keep what that namespace had for that very host, whatever its Secret was
// called.
#include "common/strings.h"
#include "controller/translate/state.h"

#include <algorithm>

namespace ropewalk::controller {
namespace {

constexpr const char* kDefaultCertificate = "tls/default";

// The certificate of one host.
struct Wanted {
  std::string name;  // of the resource
  ObjectKey secret;
  std::vector<ServiceState*> services;  // that ask for it, the oldest first
};

std::string resource_name(const std::string& space, const std::string& host) {
  return "tls/host/" + space + "/" + host;
}

// Who serves which host, a wildcard together with the hosts that it covers: a certificate for one
// of them is seen by clients of the others.
class HostOwners {
 public:
  explicit HostOwners(const Work& work) {
    std::map<const EntrySpec*, const Route*> routes;
    for (const auto& route : work.routes) routes.emplace(route->entry, route.get());
    for (const auto& state : work.services) {
      ++age_;
      for (const EntrySpec& entry : state->spec.entries) {
        const bool asks = entry.tls_secret.has_value();
        if (const auto route = routes.find(&entry); route != routes.end())
          for (const auto& [host, name] : route->second->names) add(host, *state, asks);
        else if (!entry.joins)  // its claim cannot be told now, but data planes may serve it
          for (const std::string& host : entry.hostnames) add(host, *state, asks);
      }
    }
  }

  bool knows(const std::string& host) const { return hosts_.contains(host); }
  // Somebody serves `host`.
  const ServiceState& oldest(const std::string& host) const {
    std::vector<Owner> owners;
    const auto look = [&](const Owners& from, const std::string& at) {
      if (const auto found = from.find(at); found != from.end()) owners.push_back(found->second);
    };
    look(hosts_, host);
    if (host.starts_with("*."))
      look(beneath_, host);
    else  // a host under a wildcard that has no certificate of its own takes nothing from it
      look(certified_, wildcard_over(host));
    return *std::ranges::min(owners, {}, &Owner::age).service;
  }

 private:
  struct Owner {
    std::size_t age;  // grows with youth
    const ServiceState* service;
  };
  using Owners = std::map<std::string, Owner>;

  static std::string wildcard_over(const std::string& host) {
    const auto dot = host.find('.');
    return dot == std::string::npos ? "" : "*" + host.substr(dot);
  }

  void add(const std::string& host, const ServiceState& service, bool asks) {
    if (host.empty()) return;
    if (asks) certified_.emplace(host, Owner{age_, &service});
    hosts_.emplace(host, Owner{age_, &service});
    if (!host.starts_with("*.")) beneath_.emplace(wildcard_over(host), Owner{age_, &service});
  }

  std::size_t age_ = 0;
  Owners hosts_;
  Owners certified_;  // of those with a tls-secret
  Owners beneath_;    // of the hosts that a wildcard covers
};

void add_secret_origin(config::v1::Resource& resource, const ObjectKey& secret) {
  auto* origin = resource.add_origins();
  origin->set_kind("Secret");
  origin->set_namespace_(secret.namespace_);
  origin->set_name(secret.name);
}

void set_pair(config::v1::TlsSecret& tls, const KeyPair& pair) {
  tls.set_certificate_pem(std::string(pair.certificate));
  tls.set_private_key_pem(std::string(pair.key));
}

using Pair = std::expected<KeyPair, Problem>;

// Nothing without a default.
std::optional<Pair> emit_default(Work& work) {
  if (work.options.default_tls_secret.empty()) return std::nullopt;
  const auto pieces = split(work.options.default_tls_secret, '/');
  const ObjectKey secret{std::string(pieces.front()), std::string(pieces.back())};
  Pair pair = work.references.key_pair(secret, "default certificate");
  if (!pair) {
    work.out.held.insert(kDefaultCertificate);
    work.out.gateway_problems.push_back(pair.error().message);
    if (is_pending(pair.error())) return pair;
  }
  auto& resource = work.resources[kDefaultCertificate];
  resource.set_name(kDefaultCertificate);
  add_secret_origin(resource, secret);
  resource.mutable_tls_secret()->set_is_default(true);
  if (pair) set_pair(*resource.mutable_tls_secret(), *pair);
  return pair;
}

// Clients will most likely refuse it. It is served: the one before is no better, and no certificate
// neither.
void warn(const Work& work, const std::string& host, const Wanted& wanted, const KeyPair& pair) {
  const std::string holder = "ropewalk.dev/tls-secret: the certificate in Secret " +
                             wanted.secret.namespace_ + "/" + wanted.secret.name;
  const auto add = [&](const char* reason, const std::string& message) {
    for (ServiceState* service : wanted.services)
      if (std::ranges::find(service->warnings, message, &Problem::message) ==
          service->warnings.end())
        service->warnings.push_back({reason, message});
  };
  const std::string end = work.options.now == 0 ? "" : expired_on(*pair.leaf, work.options.now);
  if (!end.empty()) add("CertificateExpired", holder + " expired on " + end);
  if (!serves_host(*pair.leaf, host))
    add("CertificateHostMismatch", holder + " does not name " + host);
}

// True where routes may refer to it: the pair is there, or nobody has looked for it yet.
bool emit(Work& work, const std::string& host, const Wanted& wanted,
          const std::optional<Pair>& fallback) {
  for (ServiceState* service : wanted.services) service->resources.insert(wanted.name);
  const Pair pair = work.references.key_pair(wanted.secret, "ropewalk.dev/tls-secret");
  if (!pair) {
    work.out.held.insert(wanted.name);
    for (ServiceState* service : wanted.services) service->refused.push_back(pair.error());
    if (is_pending(pair.error())) return true;
    if (fallback && !*fallback && is_pending(fallback->error())) return false;
  }
  auto& resource = work.resources[wanted.name];
  resource.set_name(wanted.name);
  add_secret_origin(resource, wanted.secret);
  for (const ServiceState* service : wanted.services) add_origin(resource, *service);
  auto& tls = *resource.mutable_tls_secret();
  tls.add_hostnames(host);
  if (pair) {
    set_pair(tls, *pair);
    warn(work, host, wanted, *pair);
  }
  // Data planes that never had a pair: the default certificate serves the name where it is good for
  // it, else there is no handshake; no wildcard of somebody else comes in.
  else if (fallback && *fallback && serves_host(*(*fallback)->leaf, host))
    set_pair(tls, **fallback);
  return pair.has_value();
}

using ByHost = std::map<std::string, Wanted>;

// Nothing when the namespace of this Service decides about the certificate of `host`.
const ServiceState* stranger(const ServiceState& service, const std::string& host,
                             const HostOwners& owners) {
  const ServiceState& oldest = owners.oldest(host);
  return oldest.spec.key.namespace_ == service.spec.key.namespace_ ? nullptr : &oldest;
}

void ask(Route& route, const HostOwners& owners, ByHost& by_host) {
  ServiceState& service = *route.owner;
  const ObjectKey secret{service.spec.key.namespace_, *route.entry->tls_secret};
  for (const auto& [host, endpoint] : route.names) {
    const auto refuse = [&](const std::string& why) {
      service.refused.push_back({kConflict, "ropewalk.dev/tls-secret: " + host + " " + why});
    };
    if (const ServiceState* older = stranger(service, host, owners)) {
      refuse("is shared with Service " + older->text() +
             ", which was there first: only its namespace may set the certificate");
      continue;
    }
    auto& wanted =
        by_host.try_emplace(host, Wanted{resource_name(secret.namespace_, host), secret, {}})
            .first->second;
    if (wanted.secret != secret)
      refuse("already has the certificate of Secret " + wanted.secret.namespace_ + "/" +
             wanted.secret.name);
    else if (std::ranges::find(wanted.services, &service) == wanted.services.end())
      wanted.services.push_back(&service);
  }
}

// What an entry asks for cannot be told: the certificates of its hosts stay.
void hold_unknown(Work& work, const ServiceState& state, const EntrySpec& entry,
                  const HostOwners& owners, const ByHost& by_host) {
  if (entry.joins || (entry.tls_known && (entry.claim_known || !entry.tls_secret))) return;
  for (const std::string& host : entry.hostnames)
    if (!by_host.contains(host) && owners.knows(host) && !stranger(state, host, owners))
      work.out.held.insert(resource_name(state.spec.key.namespace_, host));
}

}  // namespace

void emit_certificates(Work& work) {
  const HostOwners owners(work);
  const std::optional<Pair> fallback = emit_default(work);
  ByHost by_host;
  for (const auto& route : work.routes) {
    EntrySpec& entry = *route->entry;
    if (!entry.tls_secret) continue;
    if (entry.hostnames.empty())
      entry.problems.push_back(
          {kInvalidAnnotation,
           (entry.where.empty() ? "ropewalk.dev/tls-secret" : entry.where + ".tls_secret") +
               ": needs hostnames, which it serves"});
    else
      ask(*route, owners, by_host);
  }
  for (const auto& state : work.services)
    for (const EntrySpec& entry : state->spec.entries)
      hold_unknown(work, *state, entry, owners, by_host);
  std::set<std::string> good;
  for (const auto& [host, wanted] : by_host)
    if (emit(work, host, wanted, fallback)) good.insert(host);
  // A name without a good pair must not tie a route to it: the route goes on without TLS.
  for (const auto& route : work.routes)
    for (const auto& [host, endpoint] : route->names)
      if (good.contains(host)) route->tls_secrets.emplace(host, by_host.at(host).name);
}

}  // namespace ropewalk::controller
