#include "controller/translate/spec.h"

#include "common/strings.h"
#include "controller/translate/annotation_reader.h"
#include "controller/translate/annotations.h"
#include "controller/translate/entries.h"
#include "controller/translate/guarded.h"
#include "controller/translate/limits.h"

#include <set>

namespace ropewalk::controller {
namespace {

// What condition reports compare: every key of ours and the ports, nothing else of the object.
std::string version_of(const Service& service) {
  std::string text;
  const auto add = [&text](std::string_view piece) {
    text += std::to_string(piece.size());
    text += ':';
    text += piece;
  };
  for (const auto& [key, value] : service.meta.annotations) {
    if (!key.starts_with(kAnnotationPrefix)) continue;
    add(key);
    add(value);
  }
  text += '|';
  for (const ServicePort& port : service.ports)
    for (const std::string& piece :
         {port.name, port.protocol, port.app_protocol, std::to_string(port.port), port.target_port})
      add(piece);
  add(service.external_name);
  return sha256_hex(text).substr(0, 16);
}

void exclude(const AnnotationReader& reader, std::string_view one, std::string_view other,
             std::vector<Problem>& problems) {
  if (reader.has(one) && reader.has(other))
    problems.push_back(
        bad_value(other, "nothing beside ropewalk.dev/" + std::string(one), *reader.raw(other)));
}

void read_settings(const AnnotationReader& reader, ServiceSpec& spec) {
  BackendSettings& settings = spec.settings;
  std::vector<Problem> problems;
  settings.port = reader.get("port", parse_text, problems);
  settings.scheme = reader.get("scheme", parse_scheme, problems);
  settings.address_unknown = settings.address_unknown || !problems.empty();
  settings.tls_server_name = reader.get("tls-server-name", parse_host_name, problems);
  settings.allow_insecure_connections =
      reader.get("allow-insecure-connections", parse_boolean, problems);
  settings.ca_secret = reader.get("ca-secret", parse_object_name, problems);
  settings.ca_configmap = reader.get("ca-configmap", parse_object_name, problems);
  settings.client_cert_secret = reader.get("client-cert-secret", parse_object_name, problems);
  settings.host_header = reader.get("host-header", parse_host_header, problems);
  exclude(reader, "ca-secret", "ca-configmap", problems);
  spec.problems.insert(spec.problems.end(), problems.begin(), problems.end());
}

void limit_references(ServiceSpec& spec) {
  const BackendSettings& settings = spec.settings;
  std::set<std::string> secrets;
  for (const auto* name : {&settings.ca_secret, &settings.client_cert_secret})
    if (*name) secrets.insert(**name);
  const std::size_t config_maps = settings.ca_configmap ? 1 : 0;
  for (EntrySpec& entry : spec.entries) {
    if (!entry.tls_secret || secrets.contains(*entry.tls_secret)) continue;
    if (secrets.size() + config_maps < kMaxReferences) {
      secrets.insert(*entry.tls_secret);
      continue;
    }
    entry.problems.push_back({kInvalidAnnotation, entry.where + ".tls_secret: expected at most " +
                                                      std::to_string(kMaxReferences) +
                                                      " Secrets and ConfigMaps in one Service"});
    entry.tls_secret.reset();
    entry.tls_known = false;
  }
}

// The pairs that are served stay, new ones do not come.
void ask_for_no_certificate(ServiceSpec& spec) {
  for (EntrySpec& entry : spec.entries) {
    if (!entry.tls_secret) continue;
    entry.tls_secret.reset();
    entry.tls_known = false;
  }
}

void read_keys(const AnnotationReader& reader, ServiceSpec& spec) {
  auto unknown = reader.unknown();
  spec.problems = std::move(unknown.problems);
  spec.settings.address_unknown = unknown.addresses;

  // A value that is neither true nor false holds what an earlier "true" brought.
  const std::size_t before = spec.problems.size();
  const auto expose = reader.get("expose", parse_boolean, spec.problems);
  spec.expose_unknown = spec.problems.size() != before;
  spec.exposed = expose.value_or(false) || spec.expose_unknown;
  if (!spec.exposed) return;

  read_settings(reader, spec);
  read_entries(reader, spec);
  limit_references(spec);
  if (spec.expose_unknown) ask_for_no_certificate(spec);
  if (unknown.claims) {
    spec.claims_unknown = true;
    for (EntrySpec& entry : spec.entries) entry.claim_known = false;
  }
  for (const EntrySpec& entry : spec.entries)
    spec.claims_unknown = spec.claims_unknown || (!entry.joins && !entry.claim_known);
}

}  // namespace

std::optional<ServiceSpec> read_service(std::shared_ptr<const Service> service,
                                        const std::string& gateway_name) {
  const AnnotationReader reader(service->meta);
  if (reader.empty()) return std::nullopt;
  // Names become names of resources. An API server lets no other through.
  if (!parse_object_name(service->meta.name) || !parse_object_name(service->meta.namespace_))
    return std::nullopt;
  if (reader.raw("gateway").value_or("default") != gateway_name) return std::nullopt;

  ServiceSpec spec;
  spec.key = {service->meta.namespace_, service->meta.name};
  spec.version = version_of(*service);
  spec.service = std::move(service);
  if (auto read = guarded([&] { read_keys(reader, spec); }); !read) {
    // Of what it asks for nothing can be told: all that is served of it stays.
    spec.exposed = true;
    spec.entries.clear();
    spec.claims_unknown = true;
    spec.settings.address_unknown = true;
    spec.problems.push_back(std::move(read.error()));
  }
  return spec;
}

}  // namespace ropewalk::controller
