// Secrets and ConfigMaps that annotations name: looked up, checked, and remembered so that the
// source watches them. Lives for one translation; internal to the translator.
#pragma once

#include "controller/objects/objects.h"
#include "controller/translate/pem.h"
#include "controller/translate/spec.h"
#include "controller/translate/translate.h"

#include <expected>
#include <set>
#include <string>
#include <string_view>

namespace ropewalk::controller {

// Certificate chain and key of a kubernetes.io/tls Secret: views into the object set, and the first
// certificate of the chain, which the References own.
struct KeyPair {
  std::string_view certificate;
  std::string_view key;
  X509* leaf;
};

// The source has not said yet whether the object exists: what needs it stays as it is served.
inline bool is_pending(const Problem& problem) { return problem.reason == kReferencePending; }

class References {
 public:
  References(const ObjectSet& objects, const KnownPem& before) : objects_(objects), pem_(before) {}

  // `key` is what names it, for messages: an annotation, or "default certificate".
  std::expected<KeyPair, Problem> key_pair(const ObjectKey& secret, std::string_view key);
  std::expected<std::string_view, Problem> ca_of_secret(const ObjectKey& secret,
                                                        std::string_view key);
  std::expected<std::string_view, Problem> ca_of_config_map(const ObjectKey& config_map,
                                                            std::string_view key);

  const std::set<ObjectKey>& secrets() const { return secrets_; }
  const std::set<ObjectKey>& config_maps() const { return config_maps_; }
  KnownPem take_pem() { return pem_.take(); }

 private:
  std::expected<const Secret*, Problem> secret(const ObjectKey& name, std::string_view key);
  std::expected<std::string_view, Problem> ca_in(const std::map<std::string, std::string>& data,
                                                 const std::string& holder, std::string_view key);

  const ObjectSet& objects_;
  PemReader pem_;
  std::set<ObjectKey> secrets_;
  std::set<ObjectKey> config_maps_;
};

struct MadeTls {
  config::v1::BackendTls tls;
  std::vector<Problem> problems;
  bool without_ca = false;  // a CA was named and is missing or broken
};

// TLS towards one Service. `base` is the gateway's client_tls; what annotations say goes before it.
MadeTls make_backend_tls(const ServiceSpec& spec, const config::v1::BackendTls& base,
                         References& references);

}  // namespace ropewalk::controller
