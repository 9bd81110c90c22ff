#include "controller/translate/references.h"

#include "controller/translate/hosts.h"
#include "controller/translate/limits.h"

namespace ropewalk::controller {
namespace {

std::string text(const ObjectKey& key) { return key.namespace_ + "/" + key.name; }

std::unexpected<Problem> broken(std::string_view key, const std::string& what) {
  return std::unexpected(Problem{kInvalidReference, std::string(key) + ": " + what});
}

// Why an object is not there. No reason: nobody has looked yet, which is not the same as missing.
Problem absent(std::string_view key, const std::string& holder,
               const std::map<ObjectKey, std::string>& reasons, const ObjectKey& name) {
  const auto found = reasons.find(name);
  if (found == reasons.end())
    return {kReferencePending, std::string(key) + ": " + holder + " has not been read yet"};
  return {kInvalidReference, std::string(key) + ": " + holder + ": " + found->second};
}

}  // namespace

std::expected<const Secret*, Problem> References::secret(const ObjectKey& name,
                                                         std::string_view key) {
  secrets_.insert(name);
  if (const auto found = objects_.secrets.find(name); found != objects_.secrets.end())
    return found->second.get();
  return std::unexpected(absent(key, "Secret " + text(name), objects_.unreadable_secrets, name));
}

std::expected<KeyPair, Problem> References::key_pair(const ObjectKey& name, std::string_view key) {
  const auto found = secret(name, key);
  if (!found) return std::unexpected(found.error());
  const auto& data = (*found)->data;
  const auto certificate = data.find("tls.crt");
  const auto private_key = data.find("tls.key");
  const std::string holder = "Secret " + text(name);
  if ((*found)->type != "kubernetes.io/tls" || certificate == data.end() ||
      private_key == data.end())
    return broken(key, holder + " is not of type kubernetes.io/tls with tls.crt and tls.key");
  if (certificate->second.size() + private_key->second.size() > kMaxPairBytes)
    return broken(key, holder + ": expected a chain and key of at most " +
                           std::to_string(kMaxPairBytes >> 10) + " KiB");
  if (const std::string& wrong = pem_.check_key_pair(certificate->second, private_key->second);
      !wrong.empty())
    return broken(key, holder + ": " + wrong);
  return KeyPair{certificate->second, private_key->second,
                 pem_.chain(certificate->second).leaf.get()};
}

std::expected<std::string_view, Problem> References::ca_in(
    const std::map<std::string, std::string>& data, const std::string& holder,
    std::string_view key) {
  const auto found = data.find("ca.crt");
  if (found == data.end()) return broken(key, holder + " has no key ca.crt");
  if (const std::string& wrong = pem_.chain(found->second).wrong; !wrong.empty())
    return broken(key, "ca.crt of " + holder + ": " + wrong);
  return found->second;
}

std::expected<std::string_view, Problem> References::ca_of_secret(const ObjectKey& name,
                                                                  std::string_view key) {
  const auto found = secret(name, key);
  if (!found) return std::unexpected(found.error());
  return ca_in((*found)->data, "Secret " + text(name), key);
}

std::expected<std::string_view, Problem> References::ca_of_config_map(const ObjectKey& name,
                                                                      std::string_view key) {
  config_maps_.insert(name);
  if (const auto found = objects_.config_maps.find(name); found != objects_.config_maps.end())
    return ca_in(found->second->data, "ConfigMap " + text(name), key);
  return std::unexpected(
      absent(key, "ConfigMap " + text(name), objects_.unreadable_config_maps, name));
}

MadeTls make_backend_tls(const ServiceSpec& spec, const config::v1::BackendTls& base,
                         References& references) {
  const BackendSettings& settings = spec.settings;
  MadeTls out{.tls = base};
  // KrakenD's default for files is TLS 1.3 alone; Services are called with TLS 1.2 and up
  // (design 6).
  if (out.tls.min_version() == 0) out.tls.set_min_version(0x0303);
  out.tls.set_server_name(settings.tls_server_name.value_or(service_host_name(*spec.service)));
  if (settings.allow_insecure_connections)
    out.tls.set_allow_insecure_connections(*settings.allow_insecure_connections);

  std::optional<std::expected<std::string_view, Problem>> ca;
  if (settings.ca_secret)
    ca = references.ca_of_secret({spec.key.namespace_, *settings.ca_secret},
                                 "ropewalk.dev/ca-secret");
  else if (settings.ca_configmap)
    ca = references.ca_of_config_map({spec.key.namespace_, *settings.ca_configmap},
                                     "ropewalk.dev/ca-configmap");
  if (ca && *ca) {
    out.tls.set_ca_pem(std::string(**ca));
    out.tls.set_disable_system_ca_pool(true);
  } else if (ca) {
    out.without_ca = !is_pending(ca->error());
    out.problems.push_back(std::move(ca->error()));
  }
  if (!settings.client_cert_secret) return out;
  auto pair = references.key_pair({spec.key.namespace_, *settings.client_cert_secret},
                                  "ropewalk.dev/client-cert-secret");
  if (!pair) {
    out.problems.push_back(std::move(pair.error()));
    return out;
  }
  out.tls.clear_client_certificates();
  auto* certificate = out.tls.add_client_certificates();
  certificate->set_certificate_pem(std::string(pair->certificate));
  certificate->set_private_key_pem(std::string(pair->key));
  return out;
}

}  // namespace ropewalk::controller
