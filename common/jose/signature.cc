#include "common/jose/signature.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>

namespace ropewalk::jose {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MD_CTX, FreeContext>;
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using SignaturePtr = std::unique_ptr<ECDSA_SIG, FreeSignature>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(Algorithm algorithm, const std::string& secret, std::string_view input) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  std::size_t length = 0;
  if (!EVP_Q_mac(nullptr, "HMAC", nullptr, digest_of(algorithm), nullptr, secret.data(),
                 secret.size(), bytes(input), input.size(), out.data(), out.size(), &length))
    return {};
  return {reinterpret_cast<const char*>(out.data()), length};
}

// PSS: MGF1 with the same digest; salt as long as the digest when signing, any when verifying.
bool set_padding(Algorithm algorithm, EVP_PKEY_CTX* context, int salt) {
  return family_of(algorithm) != Family::rsa_pss ||
         (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1);
}

// r and s one after the other, each as long as a coordinate -> DER.
std::string to_der(std::string_view raw) {
  const std::size_t half = raw.size() / 2;
  const SignaturePtr signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes(raw), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(bytes(raw.substr(half)), static_cast<int>(half), nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  std::string out(reinterpret_cast<const char*>(der), length > 0 ? std::size_t(length) : 0);
  OPENSSL_free(der);
  return out;
}

std::string from_der(std::string_view der, std::size_t coordinate) {
  const unsigned char* at = bytes(der);
  const SignaturePtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string out(2 * coordinate, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const int width = static_cast<int>(coordinate);
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, width) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + coordinate, width) < 0)
    return {};
  return out;
}

const char* digest_or_null(Algorithm algorithm) {
  const char* name = digest_of(algorithm);
  return *name ? name : nullptr;
}

bool verify_public(Algorithm algorithm, const Key& key, std::string_view input,
                   std::string_view signature) {
  std::string der;
  if (family_of(algorithm) == Family::ecdsa) {
    if (signature.size() != 2 * key.coordinate) return false;
    der = to_der(signature);
    signature = der;
  }
  const ContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const bool good = context &&
                    EVP_DigestVerifyInit_ex(context.get(), &parameters, digest_or_null(algorithm),
                                            nullptr, nullptr, key.pkey.get(), nullptr) == 1 &&
                    set_padding(algorithm, parameters, RSA_PSS_SALTLEN_AUTO) &&
                    EVP_DigestVerify(context.get(), bytes(signature), signature.size(),
                                     bytes(input), input.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

bool verify(Algorithm algorithm, const Key& key, std::string_view input,
            std::string_view signature) {
  if (!fits(key, algorithm)) return false;
  if (key.type == KeyType::oct) {
    const std::string expected = hmac(algorithm, key.secret, input);
    return !expected.empty() && expected.size() == signature.size() &&
           CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
  }
  return !key.is_private && verify_public(algorithm, key, input, signature);
}

Result<std::string> sign(Algorithm algorithm, const Key& key, std::string_view input) {
  if (!fits(key, algorithm))
    return fail(Kind::config, "the key does not fit " + std::string(to_string(algorithm)));
  if (!key.is_private) return fail(Kind::config, "a public key cannot sign");
  const auto broken = [] {
    ERR_clear_error();
    return fail(Kind::internal, "OpenSSL cannot sign");
  };
  if (key.type == KeyType::oct) {
    std::string out = hmac(algorithm, key.secret, input);
    if (out.empty()) return broken();
    return out;
  }
  const ContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  std::size_t length = 0;
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), &parameters, digest_or_null(algorithm), nullptr, nullptr,
                            key.pkey.get(), nullptr) != 1 ||
      !set_padding(algorithm, parameters, RSA_PSS_SALTLEN_DIGEST) ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes(input), input.size()) != 1)
    return broken();
  std::string out(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                     bytes(input), input.size()) != 1)
    return broken();
  out.resize(length);
  return family_of(algorithm) == Family::ecdsa ? from_der(out, key.coordinate) : out;
}

}  // namespace ropewalk::jose
