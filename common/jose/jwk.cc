#include "common/jose/jwk.h"

#include "common/jose/base64.h"
#include "common/jose/strict_json.h"
#include "common/strings.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <optional>

namespace ropewalk::jose {
namespace {

constexpr std::size_t kMostKeys = 1000;
constexpr std::size_t kMostRsaBits = 16384;  // a check costs more than linearly

struct Free {
  void operator()(OSSL_PARAM_BLD* object) const { OSSL_PARAM_BLD_free(object); }
  void operator()(OSSL_PARAM* object) const { OSSL_PARAM_free(object); }
  void operator()(BIGNUM* object) const { BN_clear_free(object); }
  void operator()(EVP_PKEY_CTX* object) const { EVP_PKEY_CTX_free(object); }
};
template <class T>
using Ptr = std::unique_ptr<T, Free>;

std::unexpected<Error> wrong_key(std::string message) {
  return fail(Kind::decode, std::move(message));
}

// The members of one key that are texts; a member of another type is an error.
class Members {
 public:
  explicit Members(const json::Value& jwk) : jwk_(jwk) {}

  std::string_view text(std::string_view name) {
    const json::Value* value = jwk_.find(name);
    if (!value || value->is_null()) return {};
    if (value->is_string()) return value->string();
    note(name);
    return {};
  }
  // Decoded from base64url; "" when absent.
  std::string bytes(std::string_view name) {
    auto out = from_base64url(text(name));
    if (!out) note(name);
    return out.value_or("");
  }
  void note(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }
  const std::string& wrong_member() const { return wrong_; }

 private:
  const json::Value& jwk_;
  std::string wrong_;
};

Ptr<BIGNUM> number(std::string_view big_endian) {
  return Ptr<BIGNUM>(BN_bin2bn(reinterpret_cast<const unsigned char*>(big_endian.data()),
                               static_cast<int>(big_endian.size()), nullptr));
}

PkeyPtr build(const char* type, int selection, OSSL_PARAM_BLD* builder) {
  const Ptr<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1)
    key = nullptr;
  ERR_clear_error();
  return PkeyPtr(key);
}

Result<void> make_rsa(Members& members, Key& key) {
  static constexpr std::array<std::pair<const char*, const char*>, 8> kNames{{
      {"n", OSSL_PKEY_PARAM_RSA_N},
      {"e", OSSL_PKEY_PARAM_RSA_E},
      {"d", OSSL_PKEY_PARAM_RSA_D},
      {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
      {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
      {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
      {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
      {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
  }};
  std::array<std::string, kNames.size()> parts;
  for (std::size_t i = 0; i < kNames.size(); ++i) parts[i] = members.bytes(kNames[i].first);
  const auto& [n, e, d, p, q, dp, dq, qi] = parts;
  if (n.empty() || e.empty()) return wrong_key("an RSA key needs n and e");
  if (n.size() * 8 > kMostRsaBits + 8) return wrong_key("an RSA key has too many bits");
  key.is_private = !d.empty();
  if (key.is_private && (p.empty() || q.empty()))
    return wrong_key("a private RSA key needs p and q");
  // OpenSSL derives nothing: either all of the chinese remainders or none.
  const bool remainders = !dp.empty() && !dq.empty() && !qi.empty();

  const Ptr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  std::array<Ptr<BIGNUM>, kNames.size()> numbers;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (parts[i].empty() || (i >= 3 && !remainders) || (i >= 2 && !key.is_private)) continue;
    numbers[i] = number(parts[i]);
    OSSL_PARAM_BLD_push_BN(builder.get(), kNames[i].second, numbers[i].get());
  }
  key.pkey = build("RSA", key.is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder.get());
  if (!key.pkey) return wrong_key("an RSA key does not fit together");
  key.fingerprint = sha256_hex("rsa" + n + "/" + e + (key.is_private ? "/" + d : ""));
  return {};
}

struct Curve {
  std::string_view name;
  const char* group;
  std::size_t coordinate;
};
constexpr std::array<Curve, 3> kCurves{
    {{"P-256", "P-256", 32}, {"P-384", "P-384", 48}, {"P-521", "P-521", 66}}};

Result<void> make_ec(Members& members, Key& key) {
  const std::string_view name = members.text("crv");
  const Curve* curve = nullptr;
  for (const Curve& candidate : kCurves)
    if (candidate.name == name) curve = &candidate;
  if (!curve) return wrong_key("the curve of an EC key is not P-256, P-384 or P-521");
  const std::string x = members.bytes("x");
  const std::string y = members.bytes("y");
  const std::string d = members.bytes("d");
  if (x.size() != curve->coordinate || y.size() != curve->coordinate)
    return wrong_key("x and y of an EC key have the wrong length");
  key.coordinate = curve->coordinate;
  key.is_private = !d.empty();
  const std::string point = "\x04" + x + y;
  const Ptr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  const Ptr<BIGNUM> secret = number(d);
  if (key.is_private) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  key.pkey = build("EC", key.is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder.get());
  if (!key.pkey) return wrong_key("the point of an EC key is not on its curve");
  key.fingerprint = sha256_hex("ec" + point + (key.is_private ? "/" + d : ""));
  return {};
}

Result<void> make_okp(Members& members, Key& key) {
  if (members.text("crv") != "Ed25519") return wrong_key("the curve of an OKP key is not Ed25519");
  constexpr std::size_t kLength = 32;
  const std::string x = members.bytes("x");
  const std::string d = members.bytes("d");
  if (x.size() != kLength || (!d.empty() && d.size() != kLength))
    return wrong_key("x or d of an OKP key has the wrong length");
  key.is_private = !d.empty();
  const auto* raw = reinterpret_cast<const unsigned char*>(key.is_private ? d.data() : x.data());
  key.pkey.reset(key.is_private
                     ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw, kLength)
                     : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw, kLength));
  if (!key.pkey) return wrong_key("an Ed25519 key cannot be read");
  key.fingerprint = sha256_hex("ed25519" + x + (key.is_private ? "/" + d : ""));
  return {};
}

Result<void> make_oct(Members& members, Key& key) {
  key.secret = members.bytes("k");
  if (key.secret.empty()) return wrong_key("an oct key needs k");
  key.is_private = true;
  key.fingerprint = sha256_hex("oct" + key.secret);
  return {};
}

// A thumbprint of a certificate is `length` bytes, or as some servers write it their hexadecimal.
std::string thumbprint(Members& members, std::string_view name, std::size_t length) {
  const std::string bytes = members.bytes(name);
  if (bytes.empty()) return {};
  if (bytes.size() == length) return base64url(bytes);
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    unsigned value = 0;
    for (const char c : {lower(bytes[i]), lower(bytes[i + 1])}) {
      const auto digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos) {
        members.note(name);
        return {};
      }
      value = value << 4 | static_cast<unsigned>(digit);
    }
    out += static_cast<char>(value);
  }
  if (bytes.size() != 2 * length) members.note(name);
  return base64url(out);
}

Result<void> make(std::string_view type, Members& members, Key& key) {
  if (type == "RSA") {
    key.type = KeyType::rsa;
    return make_rsa(members, key);
  }
  if (type == "EC") {
    key.type = KeyType::ec;
    return make_ec(members, key);
  }
  if (type == "OKP") {
    key.type = KeyType::ed25519;
    return make_okp(members, key);
  }
  if (type == "oct") {
    key.type = KeyType::oct;
    return make_oct(members, key);
  }
  return wrong_key("unknown type of key (kty); expected RSA, EC, OKP or oct");
}

}  // namespace

Result<Key> parse_jwk(const json::Value& jwk) {
  if (!jwk.is_object()) return wrong_key("a key is not an object");
  Members members(jwk);
  Key key;
  key.kid = members.text("kid");
  key.x5t = thumbprint(members, "x5t", 20);
  key.x5t_s256 = thumbprint(members, "x5t#S256", 32);
  for (const std::string_view name : {"use", "alg"}) members.text(name);
  auto made = make(members.text("kty"), members, key);
  if (!members.wrong_member().empty())
    return wrong_key("member " + members.wrong_member() + " of a key cannot be read");
  if (!made) return std::unexpected(made.error());
  return key;
}

Result<std::vector<std::shared_ptr<const Key>>> parse_key_set(std::string_view text) {
  auto document = parse_first(text);
  if (!document) return std::unexpected(document.error());
  if (!document->is_object()) return wrong_key("a key set is not an object");
  std::vector<std::shared_ptr<const Key>> out;
  for (const auto& [name, value] : document->members()) {
    if (!iequals(name, "keys") || value.is_null()) continue;
    if (!value.is_list()) return wrong_key("keys of a key set is not a list");
    if (value.elements().size() > kMostKeys) return wrong_key("a key set has more than 1000 keys");
    out.clear();
    for (const json::Value& jwk : value.elements()) {
      auto key = parse_jwk(jwk);
      if (!key) return std::unexpected(key.error());
      out.push_back(std::make_shared<const Key>(std::move(*key)));
    }
  }
  return out;
}

}  // namespace ropewalk::jose
