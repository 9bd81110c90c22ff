#include "controller/kube/certificates.h"

#include "controller/kube/x509.h"
#include "controller/objects/base64.h"
#include "controller/objects/parse.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace ropewalk::controller::kube {
namespace {

using std::chrono::days;

constexpr auto kCaLife = days(365);
constexpr auto kLeafLife = days(90);
// Clocks of other machines may be behind.
constexpr auto kBackdated = std::chrono::minutes(5);
constexpr auto kCaRipe = std::chrono::hours(1);

std::string field(const StoredSecret& secret, const char* key) {
  const auto found = secret.data.find(key);
  return found == secret.data.end() ? "" : found->second;
}

bool in_force(const Validity& validity, WallTime now) {
  return now >= validity.from && now < validity.to;
}

bool wants_renewal(const Validity& validity, WallTime now) {
  return !in_force(validity, now) || now - validity.from >= (validity.to - validity.from) / 3 * 2;
}

// A CA that can still be trusted and sign.
std::optional<KeyPair> usable_ca(KeyPair pair, WallTime now) {
  const auto inspected = inspect(pair);
  if (!inspected || !inspected->is_ca || !in_force(inspected->validity, now)) return {};
  return pair;
}

struct Authority {
  KeyPair newest;
  std::optional<KeyPair> previous;
  bool changed = false;

  std::string bundle() const {
    return newest.certificate_pem + (previous ? previous->certificate_pem : "");
  }
  const KeyPair& signer(WallTime now) const {
    if (!previous) return newest;
    const auto inspected = inspect(newest);
    const bool ripe = inspected && now - inspected->validity.from >= kBackdated + kCaRipe;
    return ripe ? newest : *previous;
  }
};

Result<Authority> plan_authority(const StoredSecret& stored, const CertificateNames& names,
                                 WallTime now) {
  auto newest = usable_ca({field(stored, "tls.crt"), field(stored, "tls.key")}, now);
  auto previous = usable_ca({field(stored, "previous.crt"), field(stored, "previous.key")}, now);
  const bool renew = !newest || wants_renewal(inspect(*newest)->validity, now);
  Authority out;
  if (!renew) {
    out.newest = std::move(*newest);
    out.previous = std::move(previous);
    out.changed = field(stored, "ca.crt") != out.bundle() ||
                  stored.data.contains("previous.crt") != out.previous.has_value();
    return out;
  }
  auto fresh = issue({.usage = Usage::ca,
                      .common_name = names.release + " stream CA",
                      .validity = {now - kBackdated, now + kCaLife}},
                     nullptr);
  if (!fresh) return std::unexpected(fresh.error());
  out.newest = std::move(*fresh);
  out.previous = newest ? std::move(newest) : std::move(previous);
  out.changed = true;
  return out;
}

StoredSecret in_place_of(const StoredSecret& stored, const std::string& name) {
  StoredSecret out;
  out.name = name;
  out.resource_version = stored.resource_version;
  out.kept_metadata = stored.kept_metadata;
  return out;
}

StoredSecret to_secret(const Authority& authority, const std::string& name,
                       const StoredSecret& stored) {
  StoredSecret out = in_place_of(stored, name);
  out.data["tls.crt"] = authority.newest.certificate_pem;
  out.data["tls.key"] = authority.newest.key_pem;
  out.data["ca.crt"] = authority.bundle();
  if (authority.previous) {
    out.data["previous.crt"] = authority.previous->certificate_pem;
    out.data["previous.key"] = authority.previous->key_pem;
  }
  return out;
}

bool leaf_is_good(const KeyPair& pair, const Authority& authority, const CertificateRequest& wanted,
                  WallTime now) {
  const auto inspected = inspect(pair);
  if (!inspected || wants_renewal(inspected->validity, now)) return false;
  if (inspected->dns_names != wanted.dns_names) return false;
  return signed_by(pair.certificate_pem, authority.newest.certificate_pem) ||
         (authority.previous &&
          signed_by(pair.certificate_pem, authority.previous->certificate_pem));
}

// Nothing if the stored Secret is good as it is.
Result<std::optional<StoredSecret>> plan_leaf(const StoredSecret& stored, const std::string& name,
                                              const Authority& authority,
                                              CertificateRequest request, WallTime now) {
  KeyPair pair{field(stored, "tls.crt"), field(stored, "tls.key")};
  const bool good = leaf_is_good(pair, authority, request, now);
  if (good && field(stored, "ca.crt") == authority.bundle()) return std::nullopt;
  if (!good) {
    const KeyPair& signer = authority.signer(now);
    // No leaf outlives the CA that vouches for it.
    const WallTime end = std::min(now + kLeafLife, inspect(signer)->validity.to);
    request.validity = {now - kBackdated, end};
    auto fresh = issue(request, &signer);
    if (!fresh) return std::unexpected(fresh.error());
    pair = std::move(*fresh);
  }
  StoredSecret out = in_place_of(stored, name);
  out.data["tls.crt"] = pair.certificate_pem;
  out.data["tls.key"] = pair.key_pem;
  out.data["ca.crt"] = authority.bundle();
  return out;
}

}  // namespace

Result<std::vector<StoredSecret>> plan_certificates(const StoredCertificates& stored,
                                                    const CertificateNames& names, WallTime now) {
  std::vector<StoredSecret> out;
  auto authority = plan_authority(stored.ca, names, now);
  if (!authority) return std::unexpected(authority.error());
  if (authority->changed) {
    out.push_back(to_secret(*authority, names.ca(), stored.ca));
  }
  const CertificateRequest server{.usage = Usage::server,
                                  .common_name = names.release + "-controller",
                                  .dns_names = {names.server_name()}};
  const CertificateRequest client{.usage = Usage::client,
                                  .common_name = names.release + "-dataplane",
                                  .dns_names = {names.release + "-dataplane"}};
  for (const auto& [secret, name, request] :
       {std::tuple(&stored.controller, names.controller(), &server),
        std::tuple(&stored.data_plane, names.data_plane(), &client)}) {
    auto leaf = plan_leaf(*secret, name, *authority, *request, now);
    if (!leaf) return std::unexpected(leaf.error());
    if (*leaf) out.push_back(std::move(**leaf));
  }
  return out;
}

std::string secret_body(const StoredSecret& secret, const std::string& namespace_) {
  nlohmann::json meta = nlohmann::json::parse(secret.kept_metadata, nullptr, false);
  if (!meta.is_object()) meta = nlohmann::json::object();
  meta["name"] = secret.name;
  meta["namespace"] = namespace_;
  if (!meta["labels"].is_object()) meta["labels"] = nlohmann::json::object();
  meta["labels"].emplace("app.kubernetes.io/managed-by", "ropewalk-controller");
  if (!secret.resource_version.empty()) meta["resourceVersion"] = secret.resource_version;
  nlohmann::json data = nlohmann::json::object();
  for (const auto& [key, value] : secret.data) data[key] = encode_base64(value);
  return nlohmann::json({{"apiVersion", "v1"},
                         {"kind", "Secret"},
                         {"type", "kubernetes.io/tls"},
                         {"metadata", std::move(meta)},
                         {"data", std::move(data)}})
      .dump();
}

Result<StoredSecret> parse_secret(std::string_view body) {
  const auto value = nlohmann::json::parse(body, nullptr, false);
  if (value.is_discarded()) {
    return fail(Kind::protocol, "the API server sent no Secret", Origin::control);
  }
  auto object = parse_object(ObjectKind::secret, value);
  if (!object) return std::unexpected(object.error());
  const auto& secret = *std::get<std::shared_ptr<const Secret>>(*object);
  nlohmann::json kept = nlohmann::json::object();
  for (const char* name : {"labels", "annotations", "ownerReferences", "finalizers"}) {
    if (const auto found = value["metadata"].find(name); found != value["metadata"].end()) {
      kept[name] = *found;
    }
  }
  StoredSecret out;
  out.name = secret.meta.name;
  out.resource_version = secret.meta.resource_version;
  out.data = secret.data;
  if (!kept.empty()) out.kept_metadata = kept.dump();
  return out;
}

}  // namespace ropewalk::controller::kube
