#include "common/jose/jwk.h"

#include "common/jose/token.h"
#include "tests/jose/keys.h"

#include <gtest/gtest.h>

namespace ropewalk::jose {
namespace {

using jose_testing::key_pair;
using jose_testing::key_set;

constexpr std::string_view kOct = R"({"kty":"oct","kid":"hs","k":"c2VjcmV0"})";

TEST(KeySet, AcceptsWhatKrakendAccepts) {
  const std::string key(kOct);
  for (
      const std::string& text :
      {key_set({key}), R"({"KEYS":[)" + key + "]}", key_set({key}) + "garbage",
       R"({"issuer":"x","keys":[)" + key + "]}", " \n" + key_set({key}),
       std::string(
           R"({"keys":[{"kty":"oct","kid":"hs","k":"c2VjcmV0","use":"enc","key_ops":["encrypt"],"extra":{"a":1}}]})"),
       std::string(R"({"keys":[{"kty":"oct","kid":"hs","k":"c2VjcmV0=="}]})")}) {
    const auto keys = parse_key_set(text);
    ASSERT_TRUE(keys) << text << ": " << keys.error().message;
    ASSERT_EQ(keys->size(), 1u) << text;
    EXPECT_EQ(keys->front()->kid, "hs");
    EXPECT_EQ(keys->front()->secret, "secret");
  }
}

TEST(KeySet, OneUnusableKeySpoilsIt) {
  for (
      const std::string_view bad :
      {R"({"kty":"AKP","kid":"pq","pub":"AA"})",
       R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})",
       R"({"kty":"OKP","crv":"X25519","x":"AAAA"})", R"({"kty":"oct","k":""})", R"({"kty":"oct"})",
       R"({"kty":"oct","kid":7,"k":"AA"})", "null", "[]", R"({"kty":"oct","k":"AA","x5t":"short"})",
       R"({"kty":"oct","k":"a b"})", R"({"kty":"RSA","n":"AQAB"})", R"({"k":"AAAA"})",
       R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
       R"({"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})"})
    EXPECT_FALSE(parse_key_set(key_set({std::string(kOct), std::string(bad)}))) << bad;
  for (const std::string_view text :
       {"", "{", "[]", "\xEF\xBB\xBF{\"keys\":[]}", "17", "{\"keys\":5}"})
    EXPECT_FALSE(parse_key_set(text)) << text;
  EXPECT_TRUE(parse_key_set("{}")->empty());
}

TEST(KeySet, ErrorsShowNoKey) {
  const auto keys = parse_key_set(R"({"keys":[{"kty":"oct","k":"very secret!"}]})");
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().message.find("very"), std::string::npos) << keys.error().message;
}

TEST(Jwk, KnowsPrivateFromPublic) {
  for (const std::string kind : {"rsa", "P-256", "P-384", "P-521", "ed25519"}) {
    const auto open = parse_jwk(*json::parse(key_pair(kind).public_jwk));
    const auto secret = parse_jwk(*json::parse(key_pair(kind).private_jwk));
    ASSERT_TRUE(open && secret) << kind;
    EXPECT_FALSE(open->is_private) << kind;
    EXPECT_TRUE(secret->is_private) << kind;
    EXPECT_NE(open->fingerprint, secret->fingerprint) << kind;
  }
}

TEST(Jwk, EqualKeysHaveEqualFingerprints) {
  const auto one = parse_jwk(*json::parse(kOct));
  const auto same = parse_jwk(*json::parse(R"({"k":"c2VjcmV0","kid":"other","kty":"oct"})"));
  const auto other = parse_jwk(*json::parse(R"({"k":"c2VjcmV1","kid":"hs","kty":"oct"})"));
  EXPECT_EQ(one->fingerprint, same->fingerprint);
  EXPECT_NE(one->fingerprint, other->fingerprint);
}

TEST(KeyName, ByStrategy) {
  // "thumbprint-of-20-bys" and its hexadecimal
  const std::string raw = "dGh1bWJwcmludC1vZi0yMC1ieXM";
  const auto key =
      parse_jwk(*json::parse(R"({"kty":"oct","k":"AAAA","kid":"k1","x5t":")" + raw + "\"}"));
  ASSERT_TRUE(key);
  EXPECT_EQ(key_name(*key, KeyNaming::kid), "k1");
  EXPECT_EQ(key_name(*key, KeyNaming::x5t), raw);
  EXPECT_EQ(key_name(*key, KeyNaming::x5t_s256), "");
  EXPECT_EQ(key_name(*key, KeyNaming::kid_x5t), "k1" + raw);
  EXPECT_EQ(parse_key_naming("x5t#S256"), KeyNaming::x5t_s256);
  EXPECT_EQ(parse_key_naming("thumb"), KeyNaming::kid);
}

}  // namespace
}  // namespace ropewalk::jose
