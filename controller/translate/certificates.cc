// The certificates of the listener: `tls-secret` of routes and the gateway's default (rule 4).
#include "common/strings.h"
#include "controller/translate/state.h"

namespace ropewalk::controller {
namespace {

struct Wanted {
  std::set<std::string> hostnames;
  std::vector<ServiceState*> services;  // the oldest first
  bool is_default = false;
};

std::string resource_name(const ObjectKey& secret) {
  return "tls/" + secret.namespace_ + "/" + secret.name;
}

void add_origins(config::v1::Resource& resource, const ObjectKey& secret, const Wanted& wanted) {
  auto* origin = resource.add_origins();
  origin->set_kind("Secret");
  origin->set_namespace_(secret.namespace_);
  origin->set_name(secret.name);
  for (const ServiceState* service : wanted.services) add_origin(resource, *service);
}

// Without a good pair the resource says for which names no certificate may be shown; a data plane
// that has an earlier pair keeps it, because the name is held.
void emit(Work& work, const ObjectKey& secret, const Wanted& wanted) {
  const std::string name = resource_name(secret);
  const auto pair = work.references.key_pair(
      secret, wanted.services.empty() ? "default certificate" : "ropewalk.dev/tls-secret");
  for (ServiceState* service : wanted.services) service->resources.insert(name);
  if (!pair) {
    work.out.held.insert(name);
    if (wanted.is_default) work.out.gateway_problems.push_back(pair.error().message);
    for (ServiceState* service : wanted.services) service->refused.push_back(pair.error());
    if (is_pending(pair.error())) return;
  }
  auto& resource = work.resources[name];
  resource.set_name(name);
  add_origins(resource, secret, wanted);
  auto& tls = *resource.mutable_tls_secret();
  for (const std::string& host : wanted.hostnames) tls.add_hostnames(host);
  tls.set_is_default(wanted.is_default);
  if (!pair) return;
  tls.set_certificate_pem(std::string(pair->certificate));
  tls.set_private_key_pem(std::string(pair->key));
}

}  // namespace

void emit_certificates(Work& work) {
  std::map<ObjectKey, Wanted> secrets;
  std::map<std::string, ObjectKey> by_host;
  if (!work.options.default_tls_secret.empty()) {
    const auto pieces = split(work.options.default_tls_secret, '/');
    secrets[{std::string(pieces.front()), std::string(pieces.back())}].is_default = true;
  }
  for (const auto& route : work.routes) {
    EntrySpec& entry = *route->entry;
    if (!entry.tls_secret) continue;
    if (entry.hostnames.empty()) {
      entry.problems.push_back(
          {kInvalidAnnotation,
           (entry.where.empty() ? "ropewalk.dev/tls-secret" : entry.where + ".tls_secret") +
               ": needs hostnames, which it serves"});
      continue;
    }
    const ObjectKey secret{route->owner->spec.key.namespace_, *entry.tls_secret};
    Wanted& wanted = secrets[secret];
    wanted.services.push_back(route->owner);
    for (const auto& [host, name] : route->names) {
      const auto [found, fresh] = by_host.emplace(host, secret);
      if (found->second == secret)
        wanted.hostnames.insert(host);
      else
        route->owner->refused.push_back(
            {kConflict, "ropewalk.dev/tls-secret: " + host + " already has the certificate of " +
                            "Secret " + found->second.namespace_ + "/" + found->second.name});
    }
  }
  // The certificate of a route that cannot be told stays as that route does.
  for (const auto& state : work.services)
    for (const EntrySpec& entry : state->spec.entries)
      if (const ObjectKey secret{state->spec.key.namespace_, entry.tls_secret.value_or("")};
          !entry.claim_known && entry.tls_secret && !secrets.contains(secret))
        work.out.held.insert(resource_name(secret));
  for (const auto& [secret, wanted] : secrets)
    if (wanted.is_default || !wanted.hostnames.empty()) emit(work, secret, wanted);
  for (const auto& route : work.routes) {
    for (const auto& [host, name] : route->names) {
      const auto found = by_host.find(host);
      if (found == by_host.end()) continue;
      const std::string certificate = resource_name(found->second);
      const auto resource = work.resources.find(certificate);
      // A name without a good pair must not tie the route to it: the route goes on without TLS.
      // Where nobody has looked yet, the route stays as it is.
      if (resource == work.resources.end() ||
          !resource->second.tls_secret().certificate_pem().empty())
        route->tls_secrets.emplace(host, certificate);
    }
  }
}

}  // namespace ropewalk::controller
