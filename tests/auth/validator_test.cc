#include "dataplane/filters/auth/validator.h"

#include "common/jose/jwk.h"
#include "ropewalk/config/v1/config.pb.h"
#include "tests/auth/fakes.h"
#include "tests/jose/keys.h"

#include <gtest/gtest.h>

#include <ctime>

namespace ropewalk::auth {
namespace {

using auth_testing::FakePassage;
using auth_testing::World;
using jose_testing::key_pair;
using jose_testing::key_set;
using Gate = std::shared_ptr<const pipeline::Gate>;

jose::Key private_key(const std::string& kind, const std::string& kid = "k1") {
  return std::move(*jose::parse_jwk(*json::parse(key_pair(kind, kid).private_jwk)));
}

std::string token(std::string_view claims, const std::string& kind = "rsa",
                  const std::string& kid = "k1",
                  jose::Algorithm algorithm = jose::Algorithm::rs256) {
  return *jose::make_token(algorithm, private_key(kind, kid), "JWT", claims, false);
}

// Settings as config/extra/auth_validator writes them, RS256 with a key of a file.
json::Value settings() {
  auto out = *json::parse(
      R"({"alg":"RS256","header":"Authorization","cookie":"access_token","leeway_ms":1000,"roles_key":"roles"})");
  out.set("keys", key_set({key_pair("rsa").public_jwk}));
  return out;
}

json::Value with_server(bool cache) {
  json::Value out = settings();
  out.erase("keys");
  out.set("urls", *json::parse(R"(["https://login.example/keys"])"));
  out.set("cache", cache);
  out.set("cache_s", json::Value::number(std::int64_t{900}));
  return out;
}

struct ValidatorFixture : testing::Test {
  // A fetch that is never answered keeps those who wait for it, and they keep the store.
  ~ValidatorFixture() override {
    while (!world.asked.empty()) world.answer(fail(Kind::cancelled, "the test is over"));
  }
  Gate make(const json::Value& from) {
    text = json::to_string(from);
    auto made = make_validator({.level = config::Level::endpoint,
                                .text = text,
                                .id = "endpoint/* GET /x",
                                .service = &service,
                                .endpoint = &endpoint,
                                .states = &states});
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(nullptr);
  }
  // 0: passed; nothing while it waits.
  std::optional<unsigned> call(const Gate& gate, const std::string& bearer) {
    FakePassage passage(world);
    passage.add("Authorization", "Bearer " + bearer);
    return passage.outcome(*gate);
  }

  World world;
  config::v1::Service service;
  config::v1::Endpoint endpoint;
  pipeline::StateRegistry states;
  std::string text;
};
using Validator = ValidatorFixture;

TEST_F(Validator, PassesAGoodTokenWithItsClaims) {
  const Gate gate = make(settings());
  for (int i = 0; i < 2; ++i) {  // verified, then remembered
    FakePassage passage(world);
    passage.add("Authorization", "Bearer " + token(R"({"sub":"ana","n":1.10})"));
    EXPECT_EQ(passage.outcome(*gate), 0u);
    EXPECT_EQ(json::to_string(passage.claims), R"({"sub":"ana","n":1.10})");
  }
}

TEST_F(Validator, RefusesWithAnEmpty401) {
  const Gate gate = make(settings());
  FakePassage none(world);
  EXPECT_EQ(none.outcome(*gate), 401u);
  EXPECT_EQ(none.body, "");
  EXPECT_TRUE(none.answer_fields.empty());
  const std::string good = token("{}");
  for (const std::string& bad :
       {std::string("a.b.c"), good + "AAAA", good.substr(0, good.rfind('.') + 1),
        token("{}", "rsa", "k2"),                          // unknown kid
        token("{}", "rsa", "k1", jose::Algorithm::rs512),  // another algorithm
        token("{}", "oct", "k1", jose::Algorithm::hs256),  // key confusion
        token(R"({"exp":1000})"), token(R"({"nbf":99999999999})"), token(R"({"sub":5})")})
    EXPECT_EQ(call(gate, bad), 401u) << bad;
  EXPECT_EQ(call(gate, good), 0u);
  FakePassage twice(world);
  twice.add("Authorization", "Bearer " + good);
  twice.add("authorization", "Bearer " + good);
  EXPECT_EQ(twice.outcome(*gate), 401u);
}

// HS256 signed with the bytes of the public key: the classic confusion.
TEST_F(Validator, APublicKeyIsNoSecret) {
  jose::Key secret;
  secret.kid = "k1";
  secret.is_private = true;
  secret.secret = key_pair("rsa").public_jwk;
  const auto forged = jose::make_token(jose::Algorithm::hs256, secret, "JWT", "{}", false);
  EXPECT_EQ(call(make(settings()), *forged), 401u);
  json::Value hmac = settings();
  hmac.set("alg", "HS256");
  EXPECT_EQ(call(make(hmac), *forged), 401u);
}

TEST_F(Validator, RolesAndScopes) {
  json::Value from = settings();
  from.set("roles", *json::parse(R"(["clerk"])"));
  from.set("roles_key", "realm.roles");
  from.set("roles_nested", true);
  from.set("scopes", *json::parse(R"(["read","write"])"));
  from.set("scopes_key", "scope");
  from.set("scopes_all", true);
  from.set("audience", *json::parse(R"(["shop"])"));
  const Gate gate = make(from);
  EXPECT_EQ(call(gate, token(R"({"aud":"shop","realm":{"roles":["clerk"]},"scope":"read write"})")),
            0u);
  EXPECT_EQ(call(gate, token(R"({"aud":"shop","realm":{"roles":["clerk"]},"scope":"read"})")),
            403u);
  const std::string norole = token(R"({"aud":"shop","scope":"read write"})");
  EXPECT_EQ(call(gate, norole), 403u);
  EXPECT_EQ(call(gate, norole), 403u);  // from the cache
  EXPECT_EQ(call(gate, token(R"({"realm":{"roles":["guest"]},"scope":"x"})")), 401u);
}

TEST_F(Validator, PropagatesClaimsOverWhatTheClientSent) {
  json::Value from = settings();
  from.set(
      "propagate",
      *json::parse(R"([["sub","x-user"],["a.b","X-Deep"],["none","X-None"],["list","X-List"]])"));
  FakePassage passage(world);
  for (const char* name : {"X-User", "x-none", "X-List", "Accept"}) passage.add(name, "forged");
  passage.add("Authorization",
              "Bearer " + token(R"({"sub":"a\r\nX-Evil: 1","a":{"b":7},"list":["x",2]})"));
  EXPECT_EQ(passage.outcome(*make(from)), 0u);
  using Values = std::vector<std::string>;
  EXPECT_EQ(passage.values("X-User"), Values{"a  X-Evil: 1"});
  EXPECT_EQ(passage.values("X-Deep"), Values{"7"});
  EXPECT_EQ(passage.values("X-None"), Values{""});
  EXPECT_EQ(passage.values("X-List"), Values{"x,2"});
  EXPECT_EQ(passage.values("Accept"), Values{"forged"});
  EXPECT_TRUE(passage.values("x-none").empty());

  from.set("preserve_array", true);
  FakePassage whole(world);
  whole.add("X-List", "forged");
  whole.add("Authorization", "Bearer " + token(R"({"list":["x",2]})"));
  EXPECT_EQ(whole.outcome(*make(from)), 0u);
  EXPECT_EQ(whole.values("X-List"), (Values{"x", "2"}));
  FakePassage empty(world);
  empty.add("X-List", "forged");
  empty.add("Authorization", "Bearer " + token(R"({"list":[]})"));
  EXPECT_EQ(empty.outcome(*make(from)), 0u);
  EXPECT_TRUE(empty.values("X-List").empty());
}

TEST_F(Validator, AsksTheKeyServerOnceAndKeepsTheKeys) {
  const Gate gate = make(with_server(true));
  FakePassage passage(world);
  passage.add("Authorization", "Bearer " + token("{}"));
  EXPECT_EQ(passage.outcome(*gate), std::nullopt);
  FakePassage second(world);
  second.add("Authorization", "Bearer " + token(R"({"sub":"b"})"));
  EXPECT_EQ(second.outcome(*gate), std::nullopt);
  ASSERT_EQ(world.asked.size(), 1u);
  world.answer_json(key_set({key_pair("rsa").public_jwk}));
  EXPECT_EQ(passage.result, 0u);
  EXPECT_EQ(second.result, 0u);
  EXPECT_EQ(call(gate, token("{}")), 0u);
  // What cannot be right costs no fetch.
  EXPECT_EQ(call(gate, "a.b.c"), 401u);
  EXPECT_EQ(call(gate, token("{}", "rsa", "k1", jose::Algorithm::rs384)), 401u);
  EXPECT_TRUE(world.asked.empty());
  EXPECT_EQ(call(gate, token("{}", "rsa", "k2")), std::nullopt);
  EXPECT_EQ(world.asked.size(), 1u);
}

TEST_F(Validator, WithoutCacheEveryRequestAsks) {
  const Gate gate = make(with_server(false));
  const std::string good = token("{}");
  for (int i = 0; i < 2; ++i) {
    FakePassage passage(world);
    passage.add("Authorization", "Bearer " + good);
    EXPECT_EQ(passage.outcome(*gate), std::nullopt);
    world.answer_json(key_set({key_pair("rsa").public_jwk}));
    EXPECT_EQ(passage.result, 0u);
  }
  // A key that is gone, and another one under its name: remembered tokens do not outlive it.
  FakePassage gone(world);
  gone.add("Authorization", "Bearer " + good);
  EXPECT_EQ(gone.outcome(*gate), std::nullopt);
  world.answer_json(R"({"keys":[]})");
  EXPECT_EQ(gone.result, 401u);
  FakePassage replaced(world);
  replaced.add("Authorization", "Bearer " + good);
  EXPECT_EQ(replaced.outcome(*gate), std::nullopt);
  std::string other = key_pair("rsa", "k2").public_jwk;
  other.replace(other.find("k2"), 2, "k1");
  world.answer_json(key_set({other}));
  EXPECT_EQ(replaced.result, 401u);
}

TEST_F(Validator, AKeyServerThatFailsIs401) {
  const Gate gate = make(with_server(true));
  FakePassage passage(world);
  passage.add("Authorization", "Bearer " + token("{}"));
  EXPECT_EQ(passage.outcome(*gate), std::nullopt);
  world.answer(fail(Kind::connect, "refused"));
  EXPECT_EQ(passage.result, 401u);
}

TEST_F(Validator, AClientThatLeftIsForgotten) {
  const Gate gate = make(with_server(true));
  {
    FakePassage passage(world);
    passage.add("Authorization", "Bearer " + token("{}"));
    EXPECT_EQ(passage.outcome(*gate), std::nullopt);
  }
  world.answer_json(key_set({key_pair("rsa").public_jwk}));
  EXPECT_EQ(call(gate, token("{}")), 0u);
}

TEST_F(Validator, SeveralKeyServers) {
  json::Value from = with_server(true);
  from.set("urls", *json::parse(R"(["https://a.example/keys","https://b.example/keys"])"));
  const Gate gate = make(from);
  FakePassage passage(world);
  passage.add("Authorization", "Bearer " + token("{}", "rsa", "k2"));
  EXPECT_EQ(passage.outcome(*gate), std::nullopt);
  EXPECT_EQ(world.asked.at(0).request.url, "https://a.example/keys");
  world.answer_json(key_set({key_pair("rsa").public_jwk}));
  EXPECT_EQ(passage.result, std::nullopt);
  EXPECT_EQ(world.asked.at(0).request.url, "https://b.example/keys");
  world.answer_json(key_set({key_pair("rsa", "k2").public_jwk}));
  EXPECT_EQ(passage.result, 0u);
  EXPECT_EQ(call(gate, token("{}")), 0u);
}

// Keys are shared by address, never by name alone.
TEST_F(Validator, SharedKeysStayWithTheirServer) {
  (*service.mutable_extra_config())["auth/validator"] = R"({"shared_s":60})";
  const Gate one = make(with_server(true));
  FakePassage passage(world);
  passage.add("Authorization", "Bearer " + token("{}"));
  EXPECT_EQ(passage.outcome(*one), std::nullopt);
  world.answer_json(key_set({key_pair("rsa").public_jwk}));
  ASSERT_EQ(passage.result, 0u);
  EXPECT_EQ(call(make(with_server(true)), token("{}")), 0u);
  json::Value other = with_server(true);
  other.set("urls", *json::parse(R"(["https://other.example/keys"])"));
  EXPECT_EQ(call(make(other), token("{}")), std::nullopt);
  EXPECT_EQ(world.asked.size(), 1u);
}

TEST_F(Validator, UnknownCipherSuitesAreLeftOut) {
  for (const char* suites : {"[10,65535]", "[49199,65535]", "[49199]"}) {
    json::Value from = with_server(true);
    from.set("ciphers", *json::parse(suites));
    EXPECT_TRUE(make(from)) << suites;
  }
}

TEST_F(Validator, RevokedTokens) {
  (*service.mutable_extra_config())["auth/revoker"] =
      R"({"elements":100,"false_positives":0.0001,"ttl_s":60,"token_keys":["jti"]})";
  json::Value from = settings();
  from.set("roles", *json::parse(R"(["clerk"])"));
  const Gate gate = make(from);
  EXPECT_EQ(call(gate, token(R"({"jti":"t-1","roles":"clerk"})")), 0u);
  const auto revoker = find_revoker({.service = &service, .states = &states});
  ASSERT_TRUE(revoker && *revoker);
  (*revoker)->revocations().revoke("jti-t-1");
  EXPECT_EQ(call(gate, token(R"({"jti":"t-1","roles":"clerk"})")), 401u);
  EXPECT_EQ(call(gate, token(R"({"jti":"t-1"})")), 401u);  // before the roles
  EXPECT_EQ(call(gate, token(R"({"jti":"t-2"})")), 403u);
  EXPECT_EQ(call(gate, token(R"({"sub":"t-1","roles":"clerk"})")), 0u);
}

TEST_F(Validator, RevocationsOutliveOtherSettings) {
  const auto with = [&](const std::string& more) {
    (*service.mutable_extra_config())["auth/revoker"] =
        R"({"elements":100,"false_positives":0.0001,"ttl_s":60,)" + more + "}";
    return *find_revoker({.service = &service, .states = &states});
  };
  const auto before = with(R"("token_keys":["jti"])");
  before->revocations().revoke("jti-t-1");
  const auto after = with(R"("token_keys":["jti","device"],"port":0)");
  EXPECT_TRUE(after->refuses(*json::parse(R"({"jti":"t-1"})")));
  after->revocations().revoke("device-d");
  EXPECT_TRUE(before->revocations().revoked("device-d"));
}

TEST_F(Validator, ARememberedTokenExpires) {
  const Gate gate = make(settings());
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  // The leeway of one second ends within this test only if the clock moves on; so the token is
  // remembered by a patient validator and refused by an impatient one with the same text.
  const std::string old = token(R"({"exp":)" + std::to_string(now - 30) + "}");
  EXPECT_EQ(call(gate, old), 401u);
  json::Value patient = settings();
  patient.set("leeway_ms", json::Value::number(std::int64_t{60'000}));
  const Gate kept = make(patient);
  EXPECT_EQ(call(kept, old), 0u);
  EXPECT_EQ(call(kept, old), 0u);
  EXPECT_EQ(call(gate, old), 401u);
}

}  // namespace
}  // namespace ropewalk::auth
