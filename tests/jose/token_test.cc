#include "common/jose/token.h"

#include "common/jose/base64.h"
#include "common/jose/jwk.h"

#include <gtest/gtest.h>

namespace ropewalk::jose {
namespace {

std::string compact(std::string_view header, std::string_view payload = "{}") {
  return base64url(header) + "." + base64url(payload) + ".c2ln";
}

TEST(Base64, StrictAlphabet) {
  EXPECT_EQ(from_base64url("_-8"), "\xFF\xEF");
  EXPECT_EQ(from_base64url("_-8="), "\xFF\xEF");
  for (const std::string_view bad : {"/+8", "a", "ab c", "=ab", "a=b", "ab\n"})
    EXPECT_FALSE(from_base64url(bad)) << bad;
  EXPECT_EQ(base64("ab"), "YWI=");
  EXPECT_EQ(from_base64("YWI="), "ab");
  EXPECT_EQ(base64url(std::string("\0\xFF\xFE", 3)), "AP_-");
}

TEST(Token, CompactForms) {
  const std::string plain = compact(R"({"alg":"RS256","kid":"k1"})", R"({"sub":"ana"})");
  const auto token = parse_token(plain);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->alg, "RS256");
  EXPECT_EQ(token->payload, R"({"sub":"ana"})");
  EXPECT_EQ(token->signature, "sig");
  EXPECT_EQ(token->signing_input, plain.substr(0, plain.rfind('.')));
  EXPECT_EQ(key_name(*token, KeyNaming::kid), "k1");
  EXPECT_EQ(key_name(*token, KeyNaming::x5t), "k1");

  // Padding and blanks do not belong to what is signed.
  const auto spaced = parse_token(base64url(R"({"alg":"RS256","kid":"k1"})") + "= . " +
                                  base64url(R"({"sub":"ana"})") + "==\t.c2ln");
  ASSERT_TRUE(spaced) << spaced.error().message;
  EXPECT_EQ(spaced->signing_input, token->signing_input);
}

TEST(Token, JsonForms) {
  const std::string protected_part = base64url(R"({"alg":"RS256"})");
  const std::string payload = base64url("{}");
  for (const std::string& text :
       {R"({"payload":")" + payload + R"(","protected":")" + protected_part +
            R"(","signature":"c2ln","header":{"kid":"k1"}})",
        R"({"payload":")" + payload + R"(","signatures":[{"protected":")" + protected_part +
            R"(","header":{"kid":"k1"},"signature":"c2ln"}]})"}) {
    const auto token = parse_token(text);
    ASSERT_TRUE(token) << text << ": " << token.error().message;
    EXPECT_EQ(token->alg, "RS256");
    EXPECT_EQ(key_name(*token, KeyNaming::kid), "k1");
    EXPECT_EQ(token->signing_input, protected_part + "." + payload);
  }
}

TEST(Token, UnprotectedMembersDoNotReplaceProtectedOnes) {
  const auto token =
      parse_token(R"({"payload":"e30","protected":")" + base64url(R"({"alg":"RS256"})") +
                  R"(","signature":"c2ln","header":{"alg":"HS256"}})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->alg, "RS256");
}

TEST(Token, Refused) {
  const std::string deep(300, '[');
  for (
      const std::string& text : std::vector<std::string>{
          "",
          ".",
          "..",
          "...",
          "a.b",
          "a.b.c",
          "{}",
          "{",
          "Bearer",
          compact("[]"),
          compact("null"),
          compact("{"),
          compact(R"({"alg":5})"),
          compact(R"({"alg":"RS256","kid":7})"),
          compact(R"({"alg":"RS256","alg":"HS256"})"),
          compact(R"({"alg":"RS256","\u0061lg":"HS256"})"),
          compact(R"({"alg":"RS256","crit":["exp2"],"exp2":1})"),
          compact(R"({"alg":"RS256","crit":"b64"})"),
          compact(R"({"alg":"RS256","b64":false,"crit":["b64"]})"),
          compact(R"({"alg":"RS256","b64":false})"),
          compact(R"({"alg":"RS256","jwk":{"kty":"oct","k":"AAAA"}})"),
          compact(R"({"alg":"RS256","jwk":5})"),
          compact(R"({"alg":"RS256","x":)" + deep + "}"),
          compact(R"({"alg":"RS256"})") + ".x",
          "a/b." + base64url("{}") + ".c2ln",
          R"({"payload":"e30","signatures":[{"protected":"e30","signature":"AA"},{"protected":"e30","signature":"AA"}]})",
          R"({"payload":5,"protected":"e30","signature":"AA"})",
          R"({"protected":"e30","signature":"AA"})",
          std::string(kMostTokenBytes + 1, 'a')}) {
    const auto token = parse_token(text);
    EXPECT_FALSE(token) << text.substr(0, 200);
  }
}

TEST(Token, HeaderTricksThatDoNotMatter) {
  EXPECT_TRUE(parse_token(compact(
      R"({"alg":"RS256","jku":"http://evil.example","x5u":"http://evil.example","typ":"at+jwt","cty":"JWT"})")));
  EXPECT_TRUE(parse_token(compact(R"({"alg":"RS256","x5t":5,"kid":"k"})")));
}

TEST(Token, MadeAsKrakendMakesIt) {
  const auto key = parse_jwk(*json::parse(
      R"({"kty":"oct","kid":"hs","k":"cmVjb3JkZWQtdGVzdC1zZWNyZXQtb2YtMzItYnl0ZXM"})"));
  EXPECT_EQ(*make_token(Algorithm::hs256, *key, "JWT", R"({"sub":"ana"})", false),
            "eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbmEifQ."
            "u8wM3svFFvEhgzYIjnuKnTfP2YsOibXCMmXIo7ZTzOI");
  EXPECT_EQ(
      *make_token(Algorithm::hs256, *key, "JWT", R"({"sub":"ana"})", true),
      R"({"payload":"eyJzdWIiOiJhbmEifQ","protected":"eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzIiwidHlwIjoiSldUIn0","signature":"u8wM3svFFvEhgzYIjnuKnTfP2YsOibXCMmXIo7ZTzOI"})");
}

}  // namespace
}  // namespace ropewalk::jose
