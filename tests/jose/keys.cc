#include "tests/jose/keys.h"

#include "common/jose/base64.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

namespace ropewalk::jose_testing {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Free>;

std::string number(const EVP_PKEY* key, const char* name, int width = 0) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  std::string out(static_cast<std::size_t>(width ? width : BN_num_bytes(value)), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(value);
  return jose::base64url(out);
}

std::string member(const std::string& name, const std::string& value) {
  return ",\"" + name + "\":\"" + value + "\"";
}

Pair make_rsa(const std::string& head) {
  const KeyPtr key(EVP_RSA_gen(2048));
  const std::string open = head + member("kty", "RSA") +
                           member("n", number(key.get(), OSSL_PKEY_PARAM_RSA_N)) +
                           member("e", number(key.get(), OSSL_PKEY_PARAM_RSA_E));
  return {open + "}", open + member("d", number(key.get(), OSSL_PKEY_PARAM_RSA_D)) +
                          member("p", number(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR1)) +
                          member("q", number(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR2)) + "}"};
}

Pair make_ec(const std::string& head, const std::string& curve) {
  const KeyPtr key(EVP_EC_gen(curve.c_str()));
  const int width = curve == "P-256" ? 32 : curve == "P-384" ? 48 : 66;
  const std::string open = head + member("kty", "EC") + member("crv", curve) +
                           member("x", number(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, width)) +
                           member("y", number(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, width));
  return {open + "}", open + member("d", number(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, width)) + "}"};
}

Pair make_ed25519(const std::string& head) {
  const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  std::array<unsigned char, 32> x{};
  std::array<unsigned char, 32> d{};
  std::size_t length = x.size();
  EVP_PKEY_get_raw_public_key(key.get(), x.data(), &length);
  EVP_PKEY_get_raw_private_key(key.get(), d.data(), &length);
  const auto text = [](const auto& bytes) {
    return jose::base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  const std::string open =
      head + member("kty", "OKP") + member("crv", "Ed25519") + member("x", text(x));
  return {open + "}", open + member("d", text(d)) + "}"};
}

Pair make_oct(const std::string& head) {
  std::array<unsigned char, 64> secret{};
  RAND_bytes(secret.data(), static_cast<int>(secret.size()));
  const std::string k =
      jose::base64url({reinterpret_cast<const char*>(secret.data()), secret.size()});
  const std::string whole = head + member("kty", "oct") + member("k", k) + "}";
  return {whole, whole};
}

}  // namespace

const Pair& key_pair(const std::string& kind, const std::string& kid) {
  static std::map<std::string, Pair> made;
  const auto [at, added] = made.try_emplace(kind + "/" + kid);
  if (!added) return at->second;
  const std::string head = R"({"kid":")" + kid + "\"";
  if (kind == "rsa")
    at->second = make_rsa(head);
  else if (kind == "ed25519")
    at->second = make_ed25519(head);
  else if (kind == "oct")
    at->second = make_oct(head);
  else
    at->second = make_ec(head, kind);
  return at->second;
}

std::string key_set(std::initializer_list<std::string> jwks) {
  std::string out;
  for (const std::string& jwk : jwks) out += (out.empty() ? "" : ",") + jwk;
  return "{\"keys\":[" + out + "]}";
}

}  // namespace ropewalk::jose_testing
