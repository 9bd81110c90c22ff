// Certificates made on the spot, for tests: P-256 unless said otherwise, valid from yesterday for a
// year unless said otherwise. Any failure of OpenSSL ends the program.
#pragma once

#include <string>
#include <vector>

namespace ropewalk::fakes {

struct Pair {
  std::string certificate_pem;
  std::string private_key_pem;  // PKCS#8
};

enum class KeyType { p256, rsa2048 };

struct CertificateSpec {
  std::string common_name;
  std::vector<std::string> dns_names = {};  // subjectAltName
  std::vector<std::string> addresses = {};  // subjectAltName, IP literals
  bool ca = false;
  KeyType key = KeyType::p256;
  int valid_from_days = -1;  // from now
  int valid_to_days = 365;
};

Pair self_signed(const CertificateSpec& spec);
Pair make_ca(const std::string& common_name);
// Signed by `issuer`; the chain is not appended.
Pair issue(const Pair& issuer, const CertificateSpec& spec);

std::string encrypt_key(const std::string& private_key_pem, const std::string& passphrase);

}  // namespace ropewalk::fakes
