// The blocks auth/*: what is read, what is refused and where.
#include "config/registry.h"
#include "helpers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace ropewalk::config {
namespace {

using testing::find;
using ::testing::HasSubstr;
using testing::load;
using testing::message;
using ::testing::Not;
using testing::service;
using testing::warning_at;
using testing::with_endpoint;
using testing::with_extra;

constexpr const char* kSet = R"({"keys":[{"kty":"oct","kid":"hs","k":"c2VjcmV0LXNlY3JldA"}]})";

class Auth : public ::testing::Test {
 protected:
  Auth()
      : folder_(std::filesystem::temp_directory_path() /
                ("auth-test-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    write("hs.json", kSet);
    write("mixed.json",
          R"({"keys":[{"kty":"oct","kid":"hs","k":"AAAA"},{"kty":"AKP","kid":"pq"}]})");
    write("broken.json", "{keys");
    write("users",
          "# people\nana:$2y$04$abcdefghijklmnopqrstuuRmfXrCzP4a6OVq1uWrXlOQkb2bUjp3W\n\n");
    write("plain", "ana:secret\n");
  }
  ~Auth() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
  }
  Result<Loaded> of_endpoint(const std::string& space, const std::string& block) {
    LoadOptions options;
    options.working_directory = folder_.string();
    return load(
        with_endpoint(R"({"endpoint":"/x","backend":[{"url_pattern":"/"}],"extra_config":{")" +
                      space + "\":" + block + "}}"),
        options);
  }
  nlohmann::json written(const Result<Loaded>& loaded, const std::string& space) {
    EXPECT_TRUE(loaded) << message(loaded);
    if (!loaded) return {};
    const auto& extra = find(*loaded, "endpoint/* GET /x")->endpoint().extra_config();
    const auto at = extra.find(space);
    return at == extra.end() ? nlohmann::json() : nlohmann::json::parse(at->second);
  }

  std::filesystem::path folder_;
};

TEST_F(Auth, ValidatorDefaults) {
  const auto out = written(
      of_endpoint("auth/validator",
                  R"({"ALG":"HS256","jwk_local_path":"hs.json","disable_jwk_security":true})"),
      "auth/validator");
  EXPECT_EQ(out["alg"], "HS256");
  EXPECT_EQ(out["keys"], kSet);
  EXPECT_EQ(out["header"], "Authorization");
  EXPECT_EQ(out["cookie"], "access_token");
  EXPECT_EQ(out["roles_key"], "roles");
  EXPECT_EQ(out["leeway_ms"], 1000);
}

TEST_F(Auth, ValidatorRefusals) {
  const std::string source = R"("disable_jwk_security":true,"jwk_local_path":"hs.json")";
  const std::pair<std::string, const char*> cases[] = {
      {R"({"jwk_url":"https://a.example/k"})", "alg"},
      {R"({"alg":"none","jwk_url":"https://a.example/k"})", "alg"},
      {R"({"alg":"rs256","jwk_url":"https://a.example/k"})", "alg"},
      {R"({"alg":256,"jwk_url":"https://a.example/k"})", "alg"},
      {R"({"alg":"HS256","jwk_url":"http://a.example/k"})", "jwk_url"},
      {R"({"alg":"HS256","jwk_url":"HTTPS://a.example/k"})", "jwk_url"},
      {R"({"alg":"HS256","jwk_url":"https://"})", "jwk_url"},
      {R"({"alg":"HS256","jwk_urls":["https://a.example","http://b.example"]})", "jwk_urls"},
      {R"({"alg":"HS256"})", "jwk_url"},
      {R"({"alg":"HS256","disable_jwk_security":true})", "jwk_url"},
      {R"({"alg":"HS256","jwk_local_path":"hs.json"})", "jwk_local_path"},
      {R"({"alg":"HS256","disable_jwk_security":"true","jwk_local_path":"hs.json"})",
       "disable_jwk_security"},
      {R"({"alg":"HS256","disable_jwk_security":true,"jwk_local_path":"none.json"})",
       "jwk_local_path"},
      {R"({"alg":"HS256","disable_jwk_security":true,"jwk_local_path":"broken.json"})",
       "jwk_local_path"},
      {R"({"alg":"HS256","disable_jwk_security":true,"jwk_local_path":"mixed.json"})",
       "jwk_local_path"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","jwk_local_ca":"none.pem"})",
       "jwk_local_ca"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","jwk_local_ca":"broken.json"})",
       "jwk_local_ca"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","jwk_fingerprints":["KH6_Nrp6coH-oVFFbvrSztcpps6wfxIUnkMX7bm8LwY"]})",
       "jwk_fingerprints"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","cipher_suites":["A"]})", "cipher_suites"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","cache_duration":"15m"})",
       "cache_duration"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","cache_duration":1.5})", "cache_duration"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","cache_duration":-1})", "cache_duration"},
      {R"({"alg":"HS256","jwk_url":"https://a.example/k","secret_url":"base64key://x"})",
       "secret_url"},
      {R"({"alg":"HS256",)" + source + R"(,"cache":true})", "cache"},
      {R"({"alg":"HS256",)" + source + R"(,"audience":"shop"})", "audience"},
      {R"({"alg":"HS256",)" + source + R"(,"audience":[5]})", "audience"},
      {R"({"alg":"HS256",)" + source + R"(,"roles":"admin"})", "roles"},
      {R"({"alg":"HS256",)" + source + R"(,"leeway":5})", "leeway"},
      {R"({"alg":"HS256",)" + source + R"(,"propagate_claims":["sub","X-User"]})",
       "propagate_claims"},
      {R"({"alg":"HS256",)" + source + R"(,"propagate_claims":[["sub","X User"]]})",
       "propagate_claims"},
      {R"({"alg":"HS256",)" + source + R"(,"rolls":["admin"]})", "did you mean roles"},
      {"{}", "alg"},
      {"\"off\"", "expected an object"},
      {"[]", "expected an object"},
  };
  for (const auto& [block, place] : cases) {
    const auto loaded = of_endpoint("auth/validator", block);
    EXPECT_FALSE(loaded) << block;
    EXPECT_THAT(message(loaded), HasSubstr(R"(endpoints[0].extra_config["auth/validator"])"))
        << block;
    EXPECT_THAT(message(loaded), HasSubstr(place)) << block;
  }
  EXPECT_TRUE(of_endpoint("auth/validator", "null"));
}

TEST_F(Auth, ValidatorLeniency) {
  const auto loaded = of_endpoint(
      "auth/validator",
      R"({"alg":"HS256","jwk_url":"https://a.example/k?v=1","leeway":"soon","failed_jwk_key_cooldown":"1ms","key_identify_strategy":"thumb","scopes":["a"],"scopes_matcher":"ALL","@note":"x","cache":true,"cache_duration":60,"jwk_fingerprints":["KH6_Nrp6coH-oVFFbvrSztcpps6wfxIUnkMX7bm8LwY="]})");
  const auto out = written(loaded, "auth/validator");
  EXPECT_EQ(out["leeway_ms"], 1000);
  EXPECT_EQ(out["cooldown_ms"], 0);
  EXPECT_EQ(out["cache_s"], 60);
  EXPECT_EQ(out["scopes"], nlohmann::json::array());
  EXPECT_EQ(out["pins"].size(), 1u);
  const std::string at = R"(endpoints[0].extra_config["auth/validator"].)";
  for (const char* key :
       {"leeway", "failed_jwk_key_cooldown", "key_identify_strategy", "scopes", "scopes_matcher"})
    EXPECT_NE(warning_at(*loaded, at + key), "") << key;
}

TEST_F(Auth, SignerRefusals) {
  const std::string source =
      R"("disable_jwk_security":true,"jwk_local_path":"hs.json","keys_to_sign":["t"])";
  const auto good = written(
      of_endpoint("auth/signer", R"({"alg":"HS256","kid":"hs",)" + source + "}"), "auth/signer");
  EXPECT_EQ(good["typ"], "JWT");
  EXPECT_EQ(good["sign"], nlohmann::json({"t"}));
  for (const std::string& block :
       {R"({"alg":"HS256","kid":"retired",)" + source + "}", R"({"alg":"HS256",)" + source + "}",
        R"({"alg":"RS256","kid":"hs",)" + source + "}", R"({"kid":"hs",)" + source + "}",
        std::string(
            R"({"alg":"HS256","kid":"hs","keys_to_sign":"t","jwk_url":"https://a.example/k"})"),
        std::string(R"({"alg":"HS256","kid":"hs","keys_to_sign":["t"]})")})
    EXPECT_THAT(message(of_endpoint("auth/signer", block)), HasSubstr("auth/signer")) << block;
}

TEST_F(Auth, Revoker) {
  const auto of = [](const std::string& block) {
    return load(with_extra(R"({"auth/revoker":)" + block + "}"));
  };
  const auto good = of(
      R"({"N":1000,"P":1e-06,"hash_name":"optimal","TTL":60,"port":1234,"token_keys":["jti"],"headers":["X"]})");
  ASSERT_TRUE(good) << message(good);
  EXPECT_THAT(service(*good).extra_config().at("auth/revoker"), HasSubstr("\"elements\":1000"));
  EXPECT_NE(warning_at(*good, R"(extra_config["auth/revoker"].headers)"), "");
  for (const char* block :
       {R"({"N":1000,"P":1e-06,"TTL":60})", R"({"N":1000,"P":1e-06,"hash_name":"murmur","TTL":60})",
        R"({"N":0,"P":1e-06,"hash_name":"optimal","TTL":60})",
        R"({"N":"1000","P":1,"hash_name":"optimal","TTL":60})",
        R"({"N":1000,"P":0,"hash_name":"optimal","TTL":60})",
        R"({"N":1000,"P":2,"hash_name":"optimal","TTL":60})",
        R"({"N":1000,"P":0.1,"hash_name":"optimal","TTL":0})",
        R"({"N":4000000000,"P":1e-12,"hash_name":"optimal","TTL":60})"})
    EXPECT_FALSE(of(block)) << block;
}

TEST_F(Auth, ApiKeysAndBasic) {
  const auto keys = load(with_extra(
      R"({"auth/api-keys":{"strategy":"query_string","keys":[{"key":"k","roles":["A"],"@description":"x"}]}})"));
  ASSERT_TRUE(keys) << message(keys);
  const auto written_keys =
      nlohmann::json::parse(service(*keys).extra_config().at("auth/api-keys"));
  EXPECT_EQ(written_keys["name"], "key");
  EXPECT_EQ(written_keys["hash"], "plain");
  for (const char* block :
       {R"({"keys":[{"roles":["A"]}]})", R"({"keys":"k"})", R"({"keys":[],"hash":"md5"})",
        R"({"keys":[],"strategy":"body"})", R"({"keys":[{"key":"k","rolls":["A"]}]})"})
    EXPECT_FALSE(load(with_extra(R"({"auth/api-keys":)" + std::string(block) + "}"))) << block;

  const auto users =
      written(of_endpoint("auth/basic", R"({"htpasswd_path":"users"})"), "auth/basic");
  EXPECT_EQ(users["users"].size(), 1u);
  EXPECT_FALSE(of_endpoint("auth/basic", R"({"htpasswd_path":"none"})"));
  const auto marked = written(
      of_endpoint(
          "auth/basic",
          R"({"users":{"_svc":"$2y$04$abcdefghijklmnopqrstuuRmfXrCzP4a6OVq1uWrXlOQkb2bUjp3W"}})"),
      "auth/basic");
  EXPECT_TRUE(marked["users"].contains("_svc")) << marked;
  const auto plain = of_endpoint("auth/basic", R"({"htpasswd_path":"plain"})");
  EXPECT_THAT(message(plain), HasSubstr("bcrypt"));
  EXPECT_THAT(message(plain), Not(HasSubstr("secret")));
  EXPECT_FALSE(of_endpoint("auth/basic", R"({"users":{"ana":5}})"));
}

TEST_F(Auth, ClientCredentials) {
  const auto of = [](const std::string& block) {
    return load(with_endpoint(
        R"({"endpoint":"/x","backend":[{"url_pattern":"/","extra_config":{"auth/client-credentials":)" +
        block + "}}]}"));
  };
  const auto text = [](const Result<Loaded>& loaded) {
    const auto& extra = find(*loaded, "backend/* GET /x#b0")->backend().extra_config();
    const auto at = extra.find("auth/client-credentials");
    return at == extra.end() ? std::string() : at->second;
  };
  const auto good = of(
      R"({"token_url":"http://a.example/t","client_id":"i","client_secret":"s","scopes":"a,b","endpoint_params":{"aud":["x","y"]}})");
  ASSERT_TRUE(good) << message(good);
  EXPECT_EQ(nlohmann::json::parse(text(good))["params"].dump(),
            R"([["aud","x"],["aud","y"],["grant_type","client_credentials"],["scope","a b"]])");
  const auto marked = of(R"({"token_url":"http://a.example/t","endpoint_params":{"_aud":["x"]}})");
  ASSERT_TRUE(marked) << message(marked);
  EXPECT_EQ(nlohmann::json::parse(text(marked))["params"][0].dump(), R"(["_aud","x"])");
  const auto off = of(R"({"token_url":"http://a.example/t","is_disabled":true})");
  EXPECT_EQ(text(off), "");
  const auto no_url = of(R"({"client_id":"i"})");
  ASSERT_TRUE(no_url) << message(no_url);
  EXPECT_NE(
      warning_at(*no_url,
                 R"(endpoints[0].backend[0].extra_config["auth/client-credentials"].token_url)"),
      "");
  for (const char* block :
       {R"({"client_id":42,"token_url":"http://a.example/t"})",
        R"({"token_url":"http://a.example/t","scopes":["a"]})",
        R"({"token_url":"http://a.example/t","endpoint_params":{"audience":"shop"}})"})
    EXPECT_FALSE(of(block)) << block;
}

}  // namespace
}  // namespace ropewalk::config
