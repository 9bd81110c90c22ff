#include "dataplane/app/admin.h"

#include "common/log.h"
#include "dataplane/compile/graph.h"
#include "dataplane/http/target.h"

#include <google/protobuf/util/json_util.h>

namespace ropewalk::app {
namespace {

telemetry::GatewayState gateway_state(const server::Gateway& gateway, const AdminState& state) {
  telemetry::GatewayState out;
  const auto snapshot = gateway.snapshot();
  out.config_version = snapshot->graph->version;
  out.config_age_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - gateway.applied_at())
          .count();
  out.config_rejected = state.rejected_resources();
  out.controller_connected = state.controller_connected();
  if (snapshot->tls)
    for (const net::CertificateInfo& certificate : snapshot->tls->certificates())
      out.certificates.push_back({certificate.name, certificate.not_after});
  return out;
}

// Namespaces whose text never holds a password, key or token, as those of auth/* do, scripts, and
// fields that are added to requests.
bool safe_to_show(std::string_view name) {
  return name.starts_with("qos/") || name.starts_with("security/") ||
         name.starts_with("ropewalk/") || name == "router" || name == "proxy" ||
         name == "backend/http" || name == "validation/json-schema" || name == "telemetry/logging";
}

void hide_secrets(google::protobuf::Map<std::string, std::string>& extra_config) {
  for (auto& [name, text] : extra_config)
    if (!safe_to_show(name)) text = "not shown";
}

// Keys of an API often stand in the query; what the request fills in ({...}) is shown.
bool is_literal(std::string_view, std::string_view value) {
  return !value.empty() && value.front() != '{';
}

}  // namespace

Result<std::unique_ptr<admin::AdminServer>> start_admin(const std::string& address, bool given,
                                                        const server::Gateway& gateway,
                                                        AdminState state) {
  auto server = admin::AdminServer::listen(address);
  if (!server) {
    if (given) return std::unexpected(server.error());
    log::warning("no admin listener", {{"reason", server.error().message},
                                       {"hint", "--admin HOST:PORT chooses another"}});
    return nullptr;
  }
  (*server)->handle("/healthz", [](std::string_view) {
    return admin::Answer{200, "text/plain; charset=utf-8", "ok\n"};
  });
  (*server)->handle("/readyz", [state](std::string_view) {
    const std::string reason = state.not_ready();
    return reason.empty() ? admin::Answer{200, "text/plain; charset=utf-8", "ok\n"}
                          : admin::Answer{503, "text/plain; charset=utf-8", reason + "\n"};
  });
  (*server)->handle("/metrics", [state, &gateway](std::string_view) {
    return admin::Answer{
        200, "text/plain; version=0.0.4; charset=utf-8",
        telemetry::render_metrics(gateway.collect(), gateway_state(gateway, state))};
  });
  (*server)->handle("/config", [state](std::string_view) {
    return admin::Answer{200, "application/json; charset=utf-8", state.config()};
  });
  (*server)->start();
  return server;
}

std::string dump(const configsync::ResourceMap& resources) {
  std::string out = "[";
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  for (const auto& [name, resource] : resources) {
    config::v1::Resource copy = *resource;
    const auto hide = [](config::v1::BackendTls& tls) {
      for (auto& certificate : *tls.mutable_client_certificates())
        certificate.clear_private_key_pem();
    };
    if (copy.has_service()) hide_secrets(*copy.mutable_service()->mutable_extra_config());
    if (copy.has_endpoint()) hide_secrets(*copy.mutable_endpoint()->mutable_extra_config());
    if (copy.has_backend()) {
      hide_secrets(*copy.mutable_backend()->mutable_extra_config());
      copy.mutable_backend()->set_url_pattern(
          http::masked_query(copy.backend().url_pattern(), is_literal));
    }
    if (copy.has_tls_secret()) copy.mutable_tls_secret()->clear_private_key_pem();
    if (copy.has_backend() && copy.backend().has_tls())
      hide(*copy.mutable_backend()->mutable_tls());
    if (copy.has_service() && copy.service().has_client_tls())
      hide(*copy.mutable_service()->mutable_client_tls());
    if (copy.has_host_set())
      for (auto& host : *copy.mutable_host_set()->mutable_hosts()) host.clear_user_info();
    std::string text;
    (void)google::protobuf::util::MessageToJsonString(copy, &text, options);
    if (out.size() > 1) out += ',';
    out += '\n';
    out += text;
  }
  return out + "]\n";
}

}  // namespace ropewalk::app
