// TLS towards backends: chain and host name verified unless the configuration says otherwise.
// Immutable once built.
#pragma once

#include "common/error.h"
#include "ropewalk/config/v1/config.pb.h"

#include <memory>
#include <string>
#include <vector>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace ropewalk::net {

class ClientTls {
 public:
  // Fails when a certificate or key cannot be used (message names which). Null settings: verified,
  // system CAs (SSL_CERT_FILE and SSL_CERT_DIR are honoured), TLS 1.2 and up. Settings without
  // min_version: TLS 1.3 alone, as KrakenD. Equal settings share one object while anybody holds it.
  // Reads the system CAs (some 10 ms, 1 MB): off the workers, and only where a host speaks TLS.
  static Result<std::shared_ptr<const ClientTls>> build(const config::v1::BackendTls* settings);
  // One certificate that the peer shows must have one of these public keys (SHA-256 of the
  // SubjectPublicKeyInfo), also where verification is switched off. No pins: as above.
  static Result<std::shared_ptr<const ClientTls>> build(const config::v1::BackendTls* settings,
                                                        const std::vector<std::string>& pins);
  ~ClientTls();

  SSL_CTX* context() const;
  // Before the handshake: SNI (not for IP literals) and the name or address to verify. `host` is
  // the host called; the configured server_name goes before it.
  void prepare(SSL* ssl, const std::string& host) const;
  // After a failed handshake: one line that names the certificate error and the two keys that help
  // (`client_tls.ca_certs`, `client_tls.allow_insecure_connections`; for Kubernetes `ca-secret`,
  // `allow-insecure-connections`).
  std::string explain(SSL* ssl, const std::string& host, const std::string& fallback) const;
  // Connections are shared only between equal settings: a digest over all of them.
  const std::string& identity() const;

 private:
  struct Impl;
  explicit ClientTls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::net
