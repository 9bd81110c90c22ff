// Reads every Service and finds out how it is called.
#include "controller/translate/guarded.h"
#include "controller/translate/limits.h"
#include "controller/translate/state.h"

#include "common/strings.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace ropewalk::controller {
namespace {

// False: its name must not be called, whatever data planes hold.
bool check_external_name(const Work& work, ServiceSpec& spec) {
  const Service& service = *spec.service;
  if (service.type != "ExternalName") return true;
  if (!work.options.allow_external_name) {
    spec.problems.push_back({kNotPermitted,
                             "Services of type ExternalName are not permitted as backends "
                             "(policy.allowExternalName)"});
    return false;
  }
  const std::string name = to_lower(service.external_name);
  const bool local = name == "localhost" || name.ends_with(".localhost");
  if (parse_host_name(name) && (!local || work.options.allow_loopback_addresses)) return true;
  spec.problems.push_back(
      {kNotPermitted, "spec.externalName: expected a DNS name outside this machine, got " +
                          in_quotes(service.external_name)});
  return false;
}

void check_tls_settings(const Work& work, const SelectedPort& port, ServiceSpec& spec) {
  const BackendSettings& settings = spec.settings;
  if (settings.allow_insecure_connections.value_or(false) && !work.options.allow_insecure_backends)
    spec.problems.push_back({kNotPermitted,
                             "ropewalk.dev/allow-insecure-connections: not permitted on this "
                             "gateway (policy.allowInsecureBackends)"});
  if (port.tls) return;
  // Who names a CA believes to speak TLS.
  const std::pair<const char*, bool> given[] = {
      {"tls-server-name", settings.tls_server_name.has_value()},
      {"allow-insecure-connections", settings.allow_insecure_connections.value_or(false)},
      {"ca-secret", settings.ca_secret.has_value()},
      {"ca-configmap", settings.ca_configmap.has_value()},
      {"client-cert-secret", settings.client_cert_secret.has_value()}};
  for (const auto& [key, there] : given)
    if (there)
      spec.problems.push_back({kInvalidAnnotation, "ropewalk.dev/" + std::string(key) +
                                                       ": has no effect on port " +
                                                       std::to_string(port.number) +
                                                       ", which is called by http (set "
                                                       "ropewalk.dev/scheme)"});
}

std::optional<SelectedPort> former_port(const Work& work, const ServiceState& state) {
  const auto found = work.before.ports.find(state.spec.key);
  if (found == work.before.ports.end() || found->second.uid != state.spec.service->meta.uid)
    return std::nullopt;
  return found->second.port;
}

// Nothing of this version is accepted, so that data planes call as an earlier one said.
bool is_held(const ServiceState& state) {
  return !state.spec.problems.empty() || !state.not_callable.empty() ||
         (!state.spec.entries.empty() &&
          std::ranges::all_of(state.spec.entries,
                              [](const EntrySpec& entry) { return !entry.problems.empty(); }));
}

// How data planes call the Service: pods come and go while its annotations are broken, but a port
// and a scheme that came with a mistake wait with the rest of that version.
struct CalledPort {
  std::optional<SelectedPort> port;  // nothing: it cannot be told
  bool sure = false;                 // data planes may have been told another one
};

CalledPort called_port(const Work& work, const ServiceState& state) {
  if (state.port && !is_held(state)) return {state.port, true};
  const auto former = former_port(work, state);
  const auto& ports = state.spec.service->ports;
  const bool gone = former && !ports.empty() &&
                    std::ranges::find(ports, former->name, &ServicePort::name) == ports.end();
  if (former && !(gone && state.port)) return {former, true};
  return {state.port, false};
}

void offer_choices(Work& work, const ServiceState& state,
                   const std::vector<const EndpointSlice*>& slices) {
  std::set<std::string> names;
  for (const EndpointSlice* slice : slices)
    for (const EndpointPort& port : slice->ports) names.insert(port.name);
  auto& choices = work.out.host_choices[state.host_set()];
  if (names.size() > kMaxChoices) return;
  for (const std::string& port : names) {
    for (const bool tls : {false, true}) {
      config::v1::Resource resource;
      resource.set_name(state.host_set());
      add_origin(resource, state);
      *resource.mutable_host_set() = make_host_set(
          *state.spec.service, {.name = port, .number = 0, .tls = tls}, slices, work.options);
      if (resource.host_set().hosts().empty()) continue;
      choices.emplace((tls ? "https " : "http ") + port, std::move(resource));
    }
  }
}

void inspect(Work& work, ServiceState& state) {
  ServiceSpec& spec = state.spec;
  state.forbidden = !check_external_name(work, spec);
  if (spec.settings.address_unknown) return;
  auto port = select_port(*spec.service, spec.settings);
  auto tls = make_backend_tls(spec, service_settings(work).client_tls(), work.references);
  if (!port) {
    spec.problems.push_back(std::move(port.error()));
    return;
  }
  check_tls_settings(work, *port, spec);
  state.port = std::move(*port);
  if (!state.port->tls) return;
  state.tls = std::move(tls.tls);
  state.not_callable = std::move(tls.problems);
  state.without_ca = tls.without_ca;
}

}  // namespace

void read_services(Work& work) {
  for (const auto& [key, service] : work.objects.services) {
    auto spec = read_service(service, work.options.gateway_name);
    if (!spec) continue;
    auto state = std::make_unique<ServiceState>();
    state->spec = std::move(*spec);
    if (state->spec.exposed) {
      if (auto done = guarded([&] { inspect(work, *state); }); !done) {
        state->port.reset();
        state->spec.problems.push_back(std::move(done.error()));
      }
    }
    work.services.push_back(std::move(state));
  }
  std::ranges::sort(work.services, {}, [](const auto& state) {
    return std::tie(state->spec.service->meta.creation_timestamp, state->spec.key);
  });
}

void emit_host_sets(Work& work) {
  const SlicesByService slices = slices_by_service(work.objects);
  static const std::vector<const EndpointSlice*> kNone;
  for (const auto& state : work.services) {
    const auto [port, sure] = called_port(work, *state);
    if (const auto told = sure ? port : former_port(work, *state); told && state->spec.exposed)
      work.out.memory.ports[state->spec.key] = {state->spec.service->meta.uid, *told};
    // Routes that cannot be told from broken annotations go on with the addresses of now.
    if (!state->called && !state->reached_by_held && !state->has_unknown_routes()) continue;
    const std::string name = state->host_set();
    state->resources.insert(name);
    if (state->forbidden) {
      work.add(name, *state).mutable_host_set();
      continue;
    }
    const auto found = slices.find(state->spec.key);
    const auto& own = found == slices.end() ? kNone : found->second;
    const bool external = state->spec.service->type == "ExternalName";
    if (!sure) work.out.held.insert(name);
    // An external name is nobody else's address tomorrow.
    if (!sure && external) continue;
    auto& hosts = *work.add(name, *state).mutable_host_set();
    if (port) hosts = make_host_set(*state->spec.service, *port, own, work.options);
    if (!sure) offer_choices(work, *state, own);
  }
}

}  // namespace ropewalk::controller
