// Certificates, keys and protocol settings as OpenSSL wants them; shared by server_tls and
// client_tls. Errors are Kind::config and say what is wrong without naming the place.
#pragma once

#include "common/error.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::net {

struct OpensslFree {
  void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
  void operator()(SSL* object) const { SSL_free(object); }
  void operator()(SSL_SESSION* object) const { SSL_SESSION_free(object); }
  void operator()(X509* object) const { X509_free(object); }
  void operator()(X509_STORE* object) const { X509_STORE_free(object); }
  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
  void operator()(BIO* object) const { BIO_free(object); }
  void operator()(STACK_OF(X509) * object) const { sk_X509_pop_free(object, X509_free); }
};
template <class T>
using OpensslPtr = std::unique_ptr<T, OpensslFree>;

// Every CERTIFICATE block; blocks of other kinds are skipped. At least one, or an error.
Result<std::vector<OpensslPtr<X509>>> parse_certificates(std::string_view pem);

// A leaf with its key and the certificates sent after it.
struct KeyPair {
  OpensslPtr<X509> leaf;
  OpensslPtr<EVP_PKEY> key;
  OpensslPtr<STACK_OF(X509)> chain;
};
Result<KeyPair> parse_key_pair(std::string_view certificate_pem, std::string_view private_key_pem);
// Makes `pair` the one that this handshake shows.
bool use_key_pair(SSL* ssl, const KeyPair& pair);

std::int64_t not_after(const X509* certificate);  // seconds since 1970
// DNS names of the subjectAltName in lower case.
std::vector<std::string> dns_names(const X509* certificate);
// The last common name of the subject, in lower case; "" without one.
std::string common_name(const X509* certificate);

// Versions as on the wire (0x0303 = TLS 1.2); 0 is KrakenD's default, TLS 1.3, for both ends. Ends
// that leave no version between them are accepted as KrakenD does: then every handshake fails.
// Suites and curves by IANA number; suites count for TLS 1.2 and below only.
struct ProtocolSettings {
  std::uint32_t min_version = 0;
  std::uint32_t max_version = 0;
  std::vector<std::uint32_t> cipher_suites;
  std::vector<std::uint32_t> curves;
};
// Also: no renegotiation, no compression, buffers released while idle.
Result<void> apply_protocol(SSL_CTX* context, ProtocolSettings settings);

// Trusts the authorities of `pem` ("" for none) and, unless `without_system`, those of the system:
// SSL_CERT_FILE and SSL_CERT_DIR, else the places where distributions keep them; unreadable files
// are skipped. Contexts share what is read of the system; it is read again when the file has
// changed, and after a minute.
// A certificate given here is trusted even where it is not an authority, as in Go.
Result<void> trust(SSL_CTX* context, std::string_view pem, bool without_system);

}  // namespace ropewalk::net
