// TLS of the listener: several certificates chosen by SNI, replaced as a whole. Immutable once
// built.
#pragma once

#include "common/error.h"
#include "ropewalk/config/v1/config.pb.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

typedef struct ssl_ctx_st SSL_CTX;

namespace ropewalk::net {

struct CertificateInfo {
  std::string name;            // resource name of the TlsSecret
  std::int64_t not_after = 0;  // seconds since 1970
};

// Checks one pair: parses, key matches, not empty. The message names what is wrong.
Result<CertificateInfo> check_tls_secret(const std::string& name,
                                         const config::v1::TlsSecret& secret);

class ServerTls {
 public:
  // `secrets` in the order of ServerTls.secrets, then those of endpoints. The first (or the one
  // with is_default) serves names that no certificate covers in file mode
  // (`serve_default_for_unknown`); in Kubernetes mode an unknown name gets the default secret or,
  // without one, a failed handshake, never another host's certificate.
  struct Secret {
    std::string name;
    const config::v1::TlsSecret* secret;
  };
  static Result<std::shared_ptr<const ServerTls>> build(const config::v1::ServerTls& settings,
                                                        const std::vector<Secret>& secrets,
                                                        bool first_is_default);
  ~ServerTls();

  SSL_CTX* context() const;  // ALPN http/1.1; selects the certificate in its servername callback
  const std::vector<CertificateInfo>& certificates() const;

 private:
  struct Impl;
  explicit ServerTls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::net
