#include "common/jose/signature.h"

#include "common/jose/base64.h"
#include "common/jose/jwk.h"
#include "common/jose/token.h"
#include "tests/jose/keys.h"

#include <gtest/gtest.h>

namespace ropewalk::jose {
namespace {

using jose_testing::key_pair;

Key key_of(std::string_view jwk) {
  auto key = parse_jwk(*json::parse(jwk));
  EXPECT_TRUE(key) << key.error().message;
  return key ? std::move(*key) : Key{};
}

bool verifies(Algorithm algorithm, const Key& key, std::string_view compact) {
  const auto token = parse_token(compact);
  EXPECT_TRUE(token) << (token ? "" : token.error().message);
  return token && verify(algorithm, key, token->signing_input, token->signature);
}

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

// RFC 7515 A.1
TEST(KnownSignatures, Hs256) {
  const Key key = key_of(
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})");
  const std::string token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + std::string(kPayload) +
                            ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_TRUE(verifies(Algorithm::hs256, key, token));
  EXPECT_FALSE(verifies(Algorithm::hs384, key, token));
}

// RFC 7515 A.2
TEST(KnownSignatures, Rs256) {
  const Key key = key_of(
      R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})");
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9." + std::string(kPayload) +
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
      "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvk"
      "SjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvW"
      "h6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  EXPECT_TRUE(verifies(Algorithm::rs256, key, token));
  EXPECT_FALSE(verifies(Algorithm::rs512, key, token));
  EXPECT_FALSE(verifies(Algorithm::ps256, key, token));
}

// RFC 7515 A.3
TEST(KnownSignatures, Es256) {
  const Key key = key_of(
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
  const std::string token =
      "eyJhbGciOiJFUzI1NiJ9." + std::string(kPayload) +
      ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  EXPECT_TRUE(verifies(Algorithm::es256, key, token));
  EXPECT_FALSE(verifies(Algorithm::es384, key, token));
}

// RFC 8037 A.4
TEST(KnownSignatures, Ed25519) {
  const Key secret = key_of(
      R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  const std::string_view input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string_view signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_EQ(base64url(*sign(Algorithm::eddsa, secret, input)), signature);
  const Key open =
      key_of(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  EXPECT_TRUE(verify(Algorithm::eddsa, open, input, *from_base64url(signature)));
}

struct Way {
  Algorithm algorithm;
  const char* key;
};
class EveryAlgorithm : public testing::TestWithParam<Way> {};

TEST_P(EveryAlgorithm, SignsAndVerifies) {
  const auto [algorithm, kind] = GetParam();
  const Key secret = key_of(key_pair(kind).private_jwk);
  const Key open = key_of(key_pair(kind).public_jwk);
  const auto compact = make_token(algorithm, secret, "JWT", R"({"sub":"ana"})", false);
  ASSERT_TRUE(compact) << compact.error().message;
  auto token = parse_token(*compact);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->alg, to_string(algorithm));
  EXPECT_EQ(token->payload, R"({"sub":"ana"})");
  EXPECT_TRUE(verify(algorithm, open, token->signing_input, token->signature));

  std::string other = token->signing_input;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verify(algorithm, open, other, token->signature));
  std::string broken = token->signature;
  broken[3] = static_cast<char>(broken[3] ^ 1);
  EXPECT_FALSE(verify(algorithm, open, token->signing_input, broken));
  EXPECT_FALSE(verify(algorithm, open, token->signing_input, ""));
  EXPECT_FALSE(verify(algorithm, open, token->signing_input, token->signature + "x"));
  EXPECT_FALSE(verify(algorithm, open, token->signing_input,
                      token->signature.substr(0, token->signature.size() - 1)));
  EXPECT_FALSE(
      verify(algorithm, open, token->signing_input, std::string(token->signature.size(), '\0')));
}

// Whatever else the key could do, it works with algorithms of its own type and curve alone.
TEST_P(EveryAlgorithm, OtherKeysAreRefused) {
  const auto [algorithm, kind] = GetParam();
  for (const std::string other : {"rsa", "P-256", "P-384", "P-521", "ed25519", "oct"}) {
    if (other == kind) continue;
    const Key key = key_of(key_pair(other).private_jwk);
    EXPECT_FALSE(fits(key, algorithm)) << other;
    EXPECT_FALSE(sign(algorithm, key, "x")) << other;
    EXPECT_FALSE(verify(algorithm, key, "x", "y")) << other;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryAlgorithm,
                         testing::Values(Way{Algorithm::hs256, "oct"}, Way{Algorithm::hs384, "oct"},
                                         Way{Algorithm::hs512, "oct"}, Way{Algorithm::rs256, "rsa"},
                                         Way{Algorithm::rs384, "rsa"}, Way{Algorithm::rs512, "rsa"},
                                         Way{Algorithm::ps256, "rsa"}, Way{Algorithm::ps384, "rsa"},
                                         Way{Algorithm::ps512, "rsa"},
                                         Way{Algorithm::es256, "P-256"},
                                         Way{Algorithm::es384, "P-384"},
                                         Way{Algorithm::es512, "P-521"},
                                         Way{Algorithm::eddsa, "ed25519"}));

TEST(Signature, PublicKeysDoNotSignAndPrivateKeysDoNotVerify) {
  const Key open = key_of(key_pair("rsa").public_jwk);
  const Key secret = key_of(key_pair("rsa").private_jwk);
  EXPECT_FALSE(sign(Algorithm::rs256, open, "x"));
  EXPECT_FALSE(verify(Algorithm::rs256, secret, "x", *sign(Algorithm::rs256, secret, "x")));
}

TEST(Signature, DerIsNotTheRawFormOfEcdsa) {
  const Key open = key_of(key_pair("P-256").public_jwk);
  const Key secret = key_of(key_pair("P-256").private_jwk);
  const std::string raw = *sign(Algorithm::es256, secret, "x");
  const std::string der = "\x30\x44\x02\x20" + raw.substr(0, 32) + "\x02\x20" + raw.substr(32);
  EXPECT_TRUE(verify(Algorithm::es256, open, "x", raw));
  EXPECT_FALSE(verify(Algorithm::es256, open, "x", der));
}

TEST(Algorithm, NamesAreExact) {
  for (const std::string_view name : {"none", "NONE", "rs256", "HS1", "", "ES256K", "RSA1_5"})
    EXPECT_FALSE(parse_algorithm(name)) << name;
  EXPECT_EQ(parse_algorithm("EdDSA"), Algorithm::eddsa);
}

}  // namespace
}  // namespace ropewalk::jose
