#include "dataplane/compile/compile.h"

#include "common/strings.h"
#include "common/version.h"
#include "dataplane/compile/endpoint.h"
#include "dataplane/compile/filters.h"
#include "dataplane/compile/hosts.h"
#include "dataplane/compile/routes.h"
#include "dataplane/compile/settings.h"
#include "dataplane/net/reserved_names.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace ropewalk::compile {
namespace {

using config::v1::Resource;
using configsync::Refusal;
using configsync::ResourceMap;

// Everything of one compilation; `refused` collects what is left out.
struct Build {
  explicit Build(const Options& given) : options(given) {}

  const Options& options;
  std::map<std::string, const Resource*> by_name;
  std::map<std::string, std::uint32_t> host_set_index;
  const config::v1::Service* service = &config::v1::Service::default_instance();
  std::shared_ptr<Graph> graph = std::make_shared<Graph>();
  std::shared_ptr<HostTable> hosts = std::make_shared<HostTable>();
  std::vector<Refusal> refused;

  void index(const ResourceMap& resources);
  void endpoints(const Snapshot* previous);
  void tls(const Snapshot* previous, Snapshot& snapshot);
};

void Build::index(const ResourceMap& resources) {
  std::string digest;
  for (const auto& [name, resource] : resources) {
    by_name.emplace(name, resource.get());
    digest += name;
    digest += resource->hash();
    if (resource->has_service()) service = &resource->service();
    if (!resource->has_host_set()) continue;
    host_set_index.emplace(name, static_cast<std::uint32_t>(hosts->sets.size()));
    graph->host_set_names.push_back(name);
    hosts->sets.push_back(compile_hosts(resource->host_set()));
  }
  graph->version = sha256_hex(digest).substr(0, 12);
}

void Build::endpoints(const Snapshot* previous) {
  pipeline::StateRegistry own;
  pipeline::StateRegistry& states = options.states ? *options.states : own;
  states.next_configuration();
  const Context context{*service, by_name, host_set_index, *hosts, states, graph->identity};
  if (auto gates = compile_gates(context)) {
    graph->gates = std::move(*gates);
  } else {
    refused.push_back({"service", gates.error().message});
    graph->gates = previous ? previous->graph->gates : Gates{closed_gate()};
  }
  std::set<std::pair<bool, std::string_view>> secrets;
  const auto note_secrets = [&](const auto& gates) {
    for (const auto& gate : gates)
      if (const auto place = gate->credential();
          place && secrets.emplace(place->in_query, place->name).second)
        (place->in_query ? graph->secret_parameters : graph->secret_fields)
            .emplace_back(place->name);
  };
  note_secrets(graph->gates);
  std::vector<router::Route> routes;
  std::vector<std::string> names;
  add_own_routes(graph->settings, routes);
  for (const auto& [name, resource] : by_name) {
    if (!resource->has_endpoint()) continue;
    auto plan = compile_endpoint(name, resource->endpoint(), context);
    if (!plan) {
      refused.push_back({name, plan.error().message});
      continue;
    }
    // A gate of the service that reads bodies must not be passed by one that streams.
    for (const auto& gate : graph->gates) plan->streams_body &= !gate->needs_body();
    note_secrets(plan->gates);
    router::Route route;
    route.hostnames.assign(resource->endpoint().hostnames().begin(),
                           resource->endpoint().hostnames().end());
    route.method = resource->endpoint().method();
    route.path = resource->endpoint().path();
    route.wildcard = resource->endpoint().wildcard();
    route.id = static_cast<std::uint32_t>(graph->endpoints.size());
    if (is_catch_all(resource->endpoint()))
      graph->catch_all = route.id;
    else
      routes.push_back(std::move(route));
    names.push_back(name);
    graph->endpoints.push_back(std::move(*plan));
  }
  std::vector<router::Router::Problem> problems;
  graph->router = router::Router::build(routes, problems);
  for (const router::Router::Problem& problem : problems)
    if (problem.id < names.size()) refused.push_back({names[problem.id], problem.message});
}

// What did not change stays the same object: parsing pairs is dear, and sessions that clients may
// resume end with it.
void Build::tls(const Snapshot* previous, Snapshot& snapshot) {
  std::vector<net::ServerTls::Secret> secrets;
  std::set<std::string_view> known;
  const auto add = [&](const std::string& name) {
    const auto found = by_name.find(name);
    if (found != by_name.end() && found->second->has_tls_secret() && known.insert(name).second)
      secrets.push_back({name, &found->second->tls_secret()});
  };
  for (const std::string& name : service->tls().secrets()) add(name);
  for (const auto& [name, resource] : by_name)
    if (resource->has_tls_secret()) add(name);
  if (secrets.empty()) return;
  config::v1::ServerTls settings = service->tls();
  // KrakenD's default for files is TLS 1.3 alone; a Kubernetes gateway serves TLS 1.2 and up
  // (design 6).
  if (!options.first_certificate_is_default && settings.min_version() == 0)
    settings.set_min_version(0x0303);
  snapshot.tls_inputs = settings.SerializeAsString();
  for (const auto& secret : secrets)
    snapshot.tls_inputs += secret.name + by_name[secret.name]->hash();
  if (previous && previous->tls_inputs == snapshot.tls_inputs) {
    snapshot.tls = previous->tls;
    return;
  }
  auto built = net::ServerTls::build(settings, secrets, options.first_certificate_is_default);
  if (built) {
    snapshot.tls = std::move(*built);
    return;
  }
  refused.push_back({secrets.front().name, built.error().message});
  snapshot.tls_inputs = previous ? previous->tls_inputs : "";
  snapshot.tls = previous ? previous->tls : nullptr;
}

}  // namespace

bool AllowList::has(std::string_view name) const {
  return all || std::find(names.begin(), names.end(), name) != names.end();
}

bool AllowList::has_field(std::string_view name) const {
  return all || std::any_of(names.begin(), names.end(),
                            [&](const std::string& known) { return iequals(known, name); });
}

Identity Identity::of(const std::string& compat_version) {
  if (compat_version.empty()) {
    const std::string own = std::string("Ropewalk/") + kVersion;
    return {std::string("Version ") + kVersion, own, own, false};
  }
  return {"Version " + compat_version, "KrakenD Version " + compat_version, "Go-http-client/1.1",
          true};
}

std::string check(const Resource& resource) {
  if (resource.has_tls_secret()) {
    if (net::only_reserves(resource.tls_secret())) return "";
    const auto checked = net::check_tls_secret(resource.name(), resource.tls_secret());
    return checked ? "" : checked.error().message;
  }
  if (resource.has_backend()) {
    const config::v1::Backend& backend = resource.backend();
    if (backend.has_tls()) {
      const auto tls = net::ClientTls::build(&backend.tls());
      if (!tls) return tls.error().message;
    }
  }
  return check_extra_config(resource);
}

Compiled compile(const ResourceMap& resources, const Options& options, const Snapshot* previous) {
  Build build(options);
  build.graph->identity = options.identity;
  build.index(resources);
  if (auto settings = compile_settings(*build.service)) {
    build.graph->settings = std::move(*settings);
  } else {
    build.refused.push_back({"service", settings.error().message});
    if (previous) build.graph->settings = previous->graph->settings;
  }
  if (build.service->router().hide_version_header())
    build.graph->identity.version_header = "Version undefined";
  build.endpoints(previous);
  auto snapshot = std::make_shared<Snapshot>();
  build.tls(previous, *snapshot);
  snapshot->graph = std::move(build.graph);
  snapshot->hosts = std::move(build.hosts);
  return {std::move(snapshot), std::move(build.refused)};
}

Result<std::shared_ptr<const Snapshot>> compile_whole(const ResourceMap& resources,
                                                      const Options& options,
                                                      const Snapshot* previous) {
  for (const auto& [name, resource] : resources)
    if (const std::string problem = check(*resource); !problem.empty())
      return fail(Kind::config, name + ": " + problem);
  Compiled compiled = compile(resources, options, previous);
  if (compiled.refused.empty()) return std::move(compiled.snapshot);
  const Refusal& first = compiled.refused.front();
  return fail(Kind::config, first.name + ": " + first.message);
}

std::shared_ptr<const Snapshot> with_host_sets(const Snapshot& previous,
                                               const ResourceMap& resources) {
  auto hosts = std::make_shared<HostTable>();
  std::vector<bool> wants_tls;  // index = BackendPlan::host_set
  for (const std::string& name : previous.graph->host_set_names) {
    const auto found = resources.find(name);
    if (found == resources.end() || !found->second->has_host_set()) return nullptr;
    hosts->sets.push_back(compile_hosts(found->second->host_set()));
    wants_tls.push_back(std::ranges::any_of(*hosts->sets.back(), &Host::tls));
  }
  const auto lacks_tls = [&](const BackendPlan& backend) {
    return !backend.tls && wants_tls[backend.host_set];
  };
  for (const EndpointPlan& endpoint : previous.graph->endpoints)
    if (std::ranges::any_of(endpoint.backends, lacks_tls) ||
        std::ranges::any_of(endpoint.shadows, lacks_tls))
      return nullptr;
  auto snapshot = std::make_shared<Snapshot>(previous);
  snapshot->hosts = std::move(hosts);
  return snapshot;
}

}  // namespace ropewalk::compile
