// A TlsSecret without a pair (design 5.4): its host names are answered with nobody else's
// certificate and get no handshake until the pair comes. Pure; any thread.
#pragma once

#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::net {

inline bool only_reserves(const config::v1::TlsSecret& secret) {
  return secret.certificate_pem().empty() && secret.private_key_pem().empty() &&
         (secret.hostnames_size() != 0 || secret.is_default());
}

}  // namespace ropewalk::net
