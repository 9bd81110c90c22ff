#include "controller/translate/translate.h"

#include "config/hash.h"
#include "config/load.h"
#include "controller/translate/state.h"

namespace ropewalk::controller {

config::v1::Resource& Work::add(const std::string& name, const ServiceState& owner) {
  config::v1::Resource& resource = resources[name];
  resource.set_name(name);
  add_origin(resource, owner);
  return resource;
}

void add_origin(config::v1::Resource& resource, const ServiceState& service) {
  for (const auto& origin : resource.origins())
    if (origin.kind() == "Service" && origin.namespace_() == service.spec.key.namespace_ &&
        origin.name() == service.spec.key.name)
      return;
  auto* origin = resource.add_origins();
  origin->set_kind("Service");
  origin->set_namespace_(service.spec.key.namespace_);
  origin->set_name(service.spec.key.name);
  origin->set_uid(service.spec.service->meta.uid);
  origin->set_version(service.spec.version);
}

std::string joined(const std::vector<Problem>& first, const std::vector<Problem>& second) {
  std::string out;
  for (const auto* problems : {&first, &second})
    for (const Problem& problem : *problems) out += (out.empty() ? "" : "; ") + problem.message;
  return out;
}

void take_gateway_config(Work& work) {
  for (const auto& resource : work.options.gateway_config)
    work.resources[resource.name()] = resource;
  if (work.resources.contains("service")) return;
  // What an empty KrakenD file says.
  static const auto defaults =
      config::load_text(R"({"version": 3})", config::Syntax::json, "defaults", {});
  auto& service = work.resources["service"];
  service.set_name("service");
  *service.mutable_service() = defaults.value().resources.front().service();
}

const config::v1::Service& service_settings(const Work& work) {
  return work.resources.at("service").service();
}

Translation translate(const ObjectSet& objects, const Options& options, const Memory& before) {
  Work work(objects, options, before);
  take_gateway_config(work);
  read_services(work);
  settle_claims(work);
  parse_routes(work);
  settle_joins(work);
  emit_certificates(work);
  emit_routes(work);
  emit_host_sets(work);
  report(work);

  for (auto& [name, resource] : work.resources) {
    resource.set_hash(config::content_hash(resource));
    work.out.resources.push_back(std::move(resource));
  }
  for (auto& [name, choices] : work.out.host_choices)
    for (auto& [choice, resource] : choices) resource.set_hash(config::content_hash(resource));
  work.out.memory.pem = work.references.take_pem();
  work.out.referenced_secrets = work.references.secrets();
  work.out.referenced_config_maps = work.references.config_maps();
  return std::move(work.out);
}

}  // namespace ropewalk::controller
