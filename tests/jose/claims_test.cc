#include "common/jose/claims.h"

#include "common/jose/claim_text.h"

#include <gtest/gtest.h>

namespace ropewalk::jose {
namespace {

TEST(Claims, WrongTypesAndRepeatedNames) {
  for (const std::string_view text : {R"({"sub":42})",
                                      R"({"jti":1})",
                                      R"({"iss":5})",
                                      R"({"aud":5})",
                                      R"({"aud":["shop",5]})",
                                      R"({"aud":null})",
                                      R"({"exp":"4102444800"})",
                                      R"({"exp":[4102444800]})",
                                      R"({"exp":true})",
                                      R"({"exp":1e300})",
                                      R"({"nbf":-1e300})",
                                      R"({"sub":"ana","sub":"bob"})",
                                      R"({"sub":"ana","x":{"a":1,"a":2}})",
                                      R"(["ana"])",
                                      R"("ana")",
                                      "17",
                                      "",
                                      R"({"sub":"ana")",
                                      R"({"sub":"ana"} x)",
                                      "\xEF\xBB\xBF{}"})
    EXPECT_FALSE(parse_claims(text)) << text;
  for (const std::string_view text :
       {R"({"sub":null})", R"({"sub":""})", "null", " \n{ \"sub\" : \"ana\" }\n ",
        R"({"EXP":1,"Exp":1,"sub":"ana"})", R"({"sub":"\ud800"})", R"({"exp":null,"nbf":null})",
        R"({"x":{"a":1},"y":{"a":1},"z":["a","a","a"]})", R"({"a":"b","c":"a"})"})
    EXPECT_TRUE(parse_claims(text)) << text;
}

struct Case {
  const char* claims;
  bool good;
};

TEST(Claims, TimesWithLeeway) {
  constexpr std::int64_t kNow = 1'000'000;
  const Expected expected{.issuer = {}, .audience = {}, .leeway_ms = 1000};
  for (const auto& [text, good] :
       {Case{"{}", true}, Case{R"({"exp":1000000})", true}, Case{R"({"exp":999999})", true},
        Case{R"({"exp":999998})", false}, Case{R"({"exp":0})", false}, Case{R"({"exp":-1})", false},
        Case{R"({"exp":1e18})", true}, Case{R"({"exp":1000060.75})", true},
        Case{R"({"nbf":1000001})", true}, Case{R"({"nbf":1000002})", false},
        Case{R"({"iat":1000001})", true}, Case{R"({"iat":1000060})", false},
        Case{R"({"iat":1,"nbf":1,"exp":2000000})", true}}) {
    const auto claims = parse_claims(text);
    ASSERT_TRUE(claims) << text;
    EXPECT_EQ(check(*claims, expected, kNow * 1000).has_value(), good) << text;
  }
  Expected patient = expected;
  patient.leeway_ms = 60'000;
  EXPECT_TRUE(check(*parse_claims(R"({"exp":999950})"), patient, kNow * 1000));
  EXPECT_FALSE(check(*parse_claims(R"({"exp":999930})"), patient, kNow * 1000));
}

TEST(Claims, IssuerAndAudience) {
  const Expected expected{.issuer = "https://login.example/", .audience = {"a", "b"}};
  for (const auto& [text, good] :
       {Case{R"({"iss":"https://login.example/","aud":["b","c","a"]})", true},
        Case{R"({"iss":"https://login.example","aud":["a","b"]})", false},
        Case{R"({"aud":["a","b"]})", false},
        Case{R"({"iss":"https://login.example/","aud":"a"})", false},
        Case{R"({"iss":"https://login.example/"})", false}})
    EXPECT_EQ(check(*parse_claims(text), expected, 0).has_value(), good) << text;
}

TEST(Claims, RolesAndScopes) {
  const auto claims = json::parse(
      R"({"text":"read  write","list":["read",7,null],"empty":"","deep":{"roles":["clerk"]},"deep.roles":["dotted"],"n":5})");
  const auto claim = [&](std::string_view path, bool nested = false) {
    return find_claim(*claims, path, nested);
  };
  EXPECT_TRUE(holds(claim("text"), {"read", "write"}, Match::all));
  EXPECT_TRUE(holds(claim("list"), {"write", "read"}, Match::any));
  EXPECT_FALSE(holds(claim("list"), {"write", "read"}, Match::all));
  EXPECT_FALSE(holds(claim("text"), {"Read"}, Match::any));
  EXPECT_FALSE(holds(claim("empty"), {"read"}, Match::any));
  EXPECT_FALSE(holds(claim("missing"), {"read"}, Match::any));
  EXPECT_FALSE(holds(claim("n"), {"5"}, Match::any));
  EXPECT_TRUE(holds(claim("deep.roles", true), {"clerk"}, Match::any));
  EXPECT_TRUE(holds(claim("deep.roles", false), {"dotted"}, Match::any));
  EXPECT_EQ(claim("text.roles", true), nullptr);
}

TEST(ClaimText, AsKrakendWritesIt) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("Ana")", "Ana"},
      {"7", "7"},
      {"9007199254740993", "9007199254740992"},
      {"1.10", "1.100000"},
      {"0.0000001", "0"},
      {"0.3333333333333", "0.333333"},
      {"1e3", "1000"},
      {"-2.5", "-2.500000"},
      {"true", "true"},
      {"null", "null"},
      {"[]", ""},
      {R"(["a","b c",""])", "a,b c,"},
      {"1e19", "10000000000000000000"},
      {"-0.0000001", "0"},
      {"[1,2.5,1000000,1e21,true,null,123456]", "1,2.5,1e+06,1e+21,true,<nil>,123456"},
      {R"([{"k":"v","a":1},["x"]])", "map[a:1 k:v],[x]"},
      {R"({"zip":"05001","geo":{"lat":40.65},"n":1e21,"s":0.0000001})",
       R"({"geo":{"lat":40.65},"n":1e+21,"s":1e-7,"zip":"05001"})"},
      {R"({"q":"a<b&c"})", "{\"q\":\"a\\u003cb\\u0026c\"}"},
  };
  for (const auto& [claim, text] : cases) EXPECT_EQ(claim_text(*json::parse(claim)), text) << claim;
  EXPECT_EQ(claim_texts(*json::parse(R"(["a",1])")), (std::vector<std::string>{"a", "1"}));
  EXPECT_TRUE(claim_texts(*json::parse("[]")).empty());
}

TEST(SortedJson, KeepsNumbersAsWritten) {
  EXPECT_EQ(sorted_json(*json::parse(R"({"b":1e3,"a":[9007199254740993,1.10],"h":"<b>&"})")),
            "{\"a\":[9007199254740993,1.10],\"b\":1e3,\"h\":\"\\u003cb\\u003e\\u0026\"}");
}

}  // namespace
}  // namespace ropewalk::jose
