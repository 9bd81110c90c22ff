// Versions, cipher suites and curves of an SSL_CTX.
#include "dataplane/net/tls_material.h"

#include <openssl/err.h>

#include <algorithm>

namespace ropewalk::net {
namespace {

// KrakenD's default suites: ECDHE with AES-GCM or ChaCha20 only.
const std::vector<std::uint32_t> kDefaultSuites = {49199, 49195, 49200, 49196, 52392, 52393};

// The cheapest first: the client's own order decides for TLS 1.2, its key share for 1.3.
constexpr const char* kDefaultCurves = "X25519:P-256:P-384:P-521";
constexpr const char* kTls13Suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

const char* curve_name(std::uint32_t number) {
  switch (number) {
    case 23:
      return "P-256";
    case 24:
      return "P-384";
    case 25:
      return "P-521";
    case 29:
      return "X25519";
    case 30:
      return "X448";
    default:
      return nullptr;
  }
}

Result<std::string> curve_list(const std::vector<std::uint32_t>& curves) {
  if (curves.empty()) return kDefaultCurves;
  std::string out;
  for (const std::uint32_t number : curves) {
    const char* name = curve_name(number);
    if (!name)
      return fail(Kind::config, "curve " + std::to_string(number) +
                                    " is not known, expected 23 (P-256), 24 (P-384), 25 (P-521), "
                                    "29 (X25519) or 30 (X448)");
    if (!out.empty()) out += ':';
    out += name;
  }
  return out;
}

// Encrypts, and the server shows a certificate.
bool usable(const SSL_CIPHER* suite) {
  const int authentication = SSL_CIPHER_get_auth_nid(suite);
  return SSL_CIPHER_get_cipher_nid(suite) != NID_undef &&
         (authentication == NID_auth_rsa || authentication == NID_auth_ecdsa ||
          authentication == NID_auth_any);
}

// OpenSSL's names of the suites for TLS 1.2 and below; those of TLS 1.3 are always on.
Result<std::string> suite_list(SSL_CTX* context, const std::vector<std::uint32_t>& suites) {
  const OpensslPtr<SSL> ssl(SSL_new(context));
  std::string out;
  for (const std::uint32_t number : suites) {
    const unsigned char wire[] = {static_cast<unsigned char>(number >> 8),
                                  static_cast<unsigned char>(number)};
    const SSL_CIPHER* suite = number > 0xffff ? nullptr : SSL_CIPHER_find(ssl.get(), wire);
    if (!suite || !usable(suite))
      return fail(Kind::config, "cipher suite " + std::to_string(number) +
                                    " is not supported (IANA numbers, e.g. 49199)");
    if (number >> 8 == 0x13) continue;
    if (!out.empty()) out += ':';
    out += SSL_CIPHER_get_name(suite);
  }
  return out;
}

}  // namespace

Result<void> apply_protocol(SSL_CTX* context, ProtocolSettings settings) {
  std::uint32_t lowest = settings.min_version == 0 ? TLS1_3_VERSION : settings.min_version;
  std::uint32_t highest = settings.max_version == 0 ? TLS1_3_VERSION : settings.max_version;
  for (const std::uint32_t version : {lowest, highest})
    if (version < SSL3_VERSION || version > TLS1_3_VERSION)
      return fail(Kind::config, "TLS version " + std::to_string(version) +
                                    " is not known, expected 769 (TLS 1.0) to 772 (TLS 1.3)");
  if (settings.cipher_suites.empty()) settings.cipher_suites = kDefaultSuites;

  const auto curves = curve_list(settings.curves);
  if (!curves) return std::unexpected(curves.error());
  auto suites = suite_list(context, settings.cipher_suites);
  if (!suites) return std::unexpected(suites.error());
  if (suites->empty()) lowest = TLS1_3_VERSION;
  lowest = std::max<std::uint32_t>(lowest, TLS1_VERSION);

  // Level 1 admits what Go admits (RSA keys of 1024 bits); TLS 1.0 and 1.1 need SHA-1 signatures,
  // which only level 0 has.
  const std::string level = lowest < TLS1_2_VERSION ? "@SECLEVEL=0" : "@SECLEVEL=1";
  if (!suites->empty() && SSL_CTX_set_cipher_list(context, (*suites + ":" + level).c_str()) != 1)
    return fail(Kind::config, "none of the cipher suites can be used");
  SSL_CTX_set_ciphersuites(context, kTls13Suites);
  if (SSL_CTX_set1_groups_list(context, curves->c_str()) != 1)
    return fail(Kind::config, "the curves cannot be used: " + *curves);
  if (highest < TLS1_VERSION || highest < lowest) {
    lowest = TLS1_3_VERSION;
    highest = TLS1_2_VERSION;
  }
  SSL_CTX_set_min_proto_version(context, static_cast<int>(lowest));
  SSL_CTX_set_max_proto_version(context, static_cast<int>(highest));
  // Buffers of idle connections go back to the allocator.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  ERR_clear_error();
  return {};
}

}  // namespace ropewalk::net
