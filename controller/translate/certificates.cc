// The certificates of the listener: `tls-secret` of routes and the gateway's default (rule 4).
// Resources are named by the entry that asks, not by the Secret: while the pair that it names is
// missing, data planes keep the one that the entry had before, whatever its name was.
#include "common/strings.h"
#include "controller/translate/pem.h"
#include "controller/translate/state.h"

#include <algorithm>

namespace ropewalk::controller {
namespace {

constexpr const char* kDefaultCertificate = "tls/default";

struct Wanted {
  ObjectKey secret;
  std::set<std::string> hostnames;
  // Of every entry that asks for this pair on these hosts, the first of which names the resource.
  std::vector<std::string> names;
  std::vector<ServiceState*> services;  // likewise
};

std::string resource_name(const ServiceState& service, const EntrySpec& entry) {
  return "tls/" + service.text() + (entry.where.empty() ? "" : "/" + entry.name);
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
        if (const auto route = routes.find(&entry); route != routes.end())
          for (const auto& [host, name] : route->second->names) add(host, *state);
        else if (!entry.joins)  // its claim cannot be told now, but data planes may serve it
          for (const std::string& host : entry.hostnames) add(host, *state);
      }
    }
  }

  // Somebody serves `host`.
  const ServiceState& oldest(const std::string& host) const {
    std::vector<Owner> owners;
    const auto look = [&](const Owners& from, const std::string& at) {
      if (const auto found = from.find(at); found != from.end()) owners.push_back(found->second);
    };
    look(hosts_, host);
    if (host.starts_with("*."))
      look(beneath_, host);
    else
      look(hosts_, wildcard_over(host));
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

  void add(const std::string& host, const ServiceState& service) {
    if (host.empty()) return;
    hosts_.emplace(host, Owner{age_, &service});
    if (!host.starts_with("*.")) beneath_.emplace(wildcard_over(host), Owner{age_, &service});
  }

  std::size_t age_ = 0;
  Owners hosts_;
  Owners beneath_;  // of the hosts that a wildcard covers
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

// For data planes that never had a good pair: names that the default certificate is good for are
// served by it, the others get no handshake; no wildcard of somebody else comes in.
void stand_in(config::v1::TlsSecret& tls, const Wanted& wanted,
              const std::optional<Pair>& fallback) {
  std::vector<std::string> bare;
  for (const std::string& host : wanted.hostnames)
    if (!fallback || !*fallback || !serves_host((*fallback)->certificate, host))
      bare.push_back(host);
  if (bare.empty()) {
    set_pair(tls, **fallback);
    tls.mutable_hostnames()->Add(wanted.hostnames.begin(), wanted.hostnames.end());
  } else {
    tls.mutable_hostnames()->Add(bare.begin(), bare.end());
  }
}

// True where routes may refer to it: the pair is there, or nobody has looked for it yet.
bool emit(Work& work, const Wanted& wanted, const std::optional<Pair>& fallback) {
  const std::string& name = wanted.names.front();
  for (ServiceState* service : wanted.services) service->resources.insert(name);
  const Pair pair = work.references.key_pair(wanted.secret, "ropewalk.dev/tls-secret");
  if (!pair) {
    work.out.held.insert(wanted.names.begin(), wanted.names.end());
    for (ServiceState* service : wanted.services) service->refused.push_back(pair.error());
    if (is_pending(pair.error())) return true;
    if (fallback && !*fallback && is_pending(fallback->error())) return false;
  }
  auto& resource = work.resources[name];
  resource.set_name(name);
  add_secret_origin(resource, wanted.secret);
  for (const ServiceState* service : wanted.services) add_origin(resource, *service);
  auto& tls = *resource.mutable_tls_secret();
  if (pair) {
    set_pair(tls, *pair);
    tls.mutable_hostnames()->Add(wanted.hostnames.begin(), wanted.hostnames.end());
  } else {
    stand_in(tls, wanted, fallback);
  }
  return pair.has_value();
}

using WantedByName = std::map<std::string, Wanted>;

struct Asked {
  WantedByName certificates;
  std::map<std::string, std::string> by_host;  // -> name of the certificate
};

void ask(Route& route, const HostOwners& owners, Asked& asked) {
  ServiceState& service = *route.owner;
  const ObjectKey secret{service.spec.key.namespace_, *route.entry->tls_secret};
  const std::string own_name = resource_name(service, *route.entry);
  for (const auto& [host, endpoint] : route.names) {
    const auto refuse = [&](const std::string& why) {
      service.refused.push_back({kConflict, "ropewalk.dev/tls-secret: " + host + " " + why});
    };
    if (const ServiceState& oldest = owners.oldest(host);
        oldest.spec.key.namespace_ != secret.namespace_) {
      refuse("is shared with Service " + oldest.text() +
             ", which was there first: only its namespace may set the certificate");
      continue;
    }
    const auto [found, fresh] = asked.by_host.emplace(host, own_name);
    Wanted& wanted = asked.certificates[found->second];
    if (fresh)
      wanted.secret = secret;
    else if (wanted.secret != secret) {
      refuse("already has the certificate of Secret " + wanted.secret.namespace_ + "/" +
             wanted.secret.name);
      continue;
    }
    wanted.hostnames.insert(host);
    if (std::ranges::find(wanted.names, own_name) == wanted.names.end()) {
      wanted.names.push_back(own_name);
      wanted.services.push_back(&service);
    }
  }
}

}  // namespace

void emit_certificates(Work& work) {
  const HostOwners owners(work);
  const std::optional<Pair> fallback = emit_default(work);
  Asked asked;
  for (const auto& route : work.routes) {
    EntrySpec& entry = *route->entry;
    if (!entry.tls_secret) continue;
    if (entry.hostnames.empty())
      entry.problems.push_back(
          {kInvalidAnnotation,
           (entry.where.empty() ? "ropewalk.dev/tls-secret" : entry.where + ".tls_secret") +
               ": needs hostnames, which it serves"});
    else
      ask(*route, owners, asked);
  }
  // The certificate of an entry that cannot be told stays as that entry does.
  for (const auto& state : work.services)
    for (const EntrySpec& entry : state->spec.entries)
      if (!entry.joins && (!entry.tls_known || (!entry.claim_known && entry.tls_secret)))
        work.out.held.insert(resource_name(*state, entry));
  std::set<std::string> good;
  for (const auto& [name, wanted] : asked.certificates)
    if (emit(work, wanted, fallback)) good.insert(name);
  // A name without a good pair must not tie a route to it: the route goes on without TLS.
  for (const auto& route : work.routes)
    for (const auto& [host, endpoint] : route->names)
      if (const auto found = asked.by_host.find(host);
          found != asked.by_host.end() && good.contains(found->second))
        route->tls_secrets.emplace(host, found->second);
}

}  // namespace ropewalk::controller
