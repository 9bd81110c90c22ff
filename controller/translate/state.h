// What the steps of one translation share: Services with what was found out about them, and routes
// with their parts. Internal to the translator; lives for one translation.
#pragma once

#include "controller/translate/hosts.h"
#include "controller/translate/ports.h"
#include "controller/translate/references.h"
#include "controller/translate/spec.h"
#include "controller/translate/translate.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct ServiceState {
  ServiceSpec spec;
  std::optional<SelectedPort> port;
  std::optional<config::v1::BackendTls> tls;  // set for https
  // A Secret or ConfigMap that it needs is missing or broken. Its parts are held, routes go on.
  std::vector<Problem> not_callable;
  // It is the CA, and it is known to be missing: then not even an earlier version may be called,
  // which may not have verified.
  bool without_ca = false;

  // An external name that the policy forbids: it has no hosts, not even those of before.
  bool forbidden = false;

  // For the status.
  std::vector<Problem> refused;      // claims and joins that lost
  std::vector<std::string> notices;  // has no effect, but nothing is held
  std::vector<Problem> warnings;     // is served all the same, and most likely not as it was meant
  std::vector<std::string> serves;   // "GET /v1/products", "part of shop/products"
  std::set<std::string> resources;
  bool called = false;  // a part of it is in some route: its addresses are needed
  // Its `expose` cannot be read, and another has a route that it claims: who served it before may
  // still do so.
  bool gave_way = false;
  // It may be a part of an endpoint that data planes keep as it is: one whose claim, or whose
  // consent, cannot be read.
  bool reached_by_held = false;

  // Data planes may have a route of it that is not in the translation.
  bool has_unknown_routes() const { return spec.claims_unknown || gave_way; }
  std::string text() const { return spec.key.namespace_ + "/" + spec.key.name; }
  // A Service of the same name that is made later is another one.
  std::string identity() const { return text() + " " + spec.service->meta.uid; }
  std::string host_set() const { return "hosts/" + text(); }
  bool held(const EntrySpec& entry) const {
    return !spec.problems.empty() || !entry.problems.empty();
  }
};

struct Joiner {
  ServiceState* service = nullptr;
  EntrySpec* entry = nullptr;
};

// An entry with a claim. `names` are the claims that it won: names of Endpoint resources by host.
struct Route {
  ServiceState* owner = nullptr;
  EntrySpec* entry = nullptr;
  std::map<std::string, std::string> names;        // host ("" for any) -> "endpoint/..."
  std::map<std::string, std::string> tls_secrets;  // host -> TlsSecret with a good pair
  std::vector<Joiner> joiners;                     // permitted ones, in the order of their parts
  std::vector<Joiner> withdrawn;                   // those that the owner does not permit
  // Services that may have been part of it, permitted ones: what they join cannot be read now.
  // With their place among the joiners; `entry` is null where not even the entry can be told.
  std::vector<std::pair<Joiner, std::size_t>> possible;
  config::v1::Endpoint endpoint;  // parsed as far as that was possible
};

struct Work {
  const ObjectSet& objects;
  const Options& options;
  const Memory& before;
  References references;
  std::vector<std::unique_ptr<ServiceState>> services;    // the oldest first
  std::vector<std::unique_ptr<Route>> routes;             // in the order of their owners
  std::map<std::string, config::v1::Resource> resources;  // by name
  Translation out;

  Work(const ObjectSet& set, const Options& given, const Memory& memory)
      : objects(set), options(given), before(memory), references(set, memory.pem) {}

  // A resource under this name, owned by `owner`; the caller fills its kind.
  config::v1::Resource& add(const std::string& name, const ServiceState& owner);
};

// The steps, in their order.
void take_gateway_config(Work& work);  // and the service settings
void read_services(Work& work);
void settle_claims(Work& work);
void parse_routes(Work& work);
void settle_joins(Work& work);
void emit_certificates(Work& work);
void emit_routes(Work& work);
void emit_host_sets(Work& work);
void report(Work& work);

// Settings that every endpoint inherits.
const config::v1::Service& service_settings(const Work& work);
void add_origin(config::v1::Resource& resource, const ServiceState& service);
std::string joined(const std::vector<Problem>& first, const std::vector<Problem>& second);

}  // namespace ropewalk::controller
