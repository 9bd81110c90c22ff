// Just enough X.509 for the stream's certificates: P-256 keys, a CA, leaves. Pure apart from the
// randomness of keys and serial numbers.
#pragma once

#include "common/error.h"
#include "controller/kube/times.h"

#include <string>
#include <vector>

namespace ropewalk::controller::kube {

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;  // PKCS#8
};

struct Validity {
  WallTime from;
  WallTime to;
};

enum class Usage { ca, server, client };

struct CertificateRequest {
  Usage usage = Usage::server;
  std::string common_name;             // at most 64 bytes are kept
  std::vector<std::string> dns_names;  // subjectAltName
  Validity validity;
};

// Signed by `issuer`; by itself if there is none.
Result<KeyPair> issue(const CertificateRequest& request, const KeyPair* issuer);

// What a stored pair is good for; an error if it is not a certificate with its own key.
struct Inspected {
  Validity validity;
  std::vector<std::string> dns_names;
  bool is_ca = false;
};
Result<Inspected> inspect(const KeyPair& pair);

// Whether `issuer`'s key signed the certificate.
bool signed_by(const std::string& certificate_pem, const std::string& issuer_pem);

}  // namespace ropewalk::controller::kube
