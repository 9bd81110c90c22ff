// Files of versions 1 and 2 become files of version 3 that load.
#include "config/migrate.h"

#include "helpers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::message;

const char* const kOld = R"({
  "version": 2,
  "extra_config": {
    "github_com/luraproject/lura/router/gin": {"return_error_msg": true},
    "github_com/devopsfaith/krakend-etcd": {"machines": ["http://e"]},
    "github_com/devopsfaith/krakend-gologging": {"level": "INFO"}
  },
  "endpoints": [{
    "endpoint": "/a",
    "headers_to_pass": ["X-A"],
    "querystring_params": ["page"],
    "extra_config": {"github.com/devopsfaith/krakend-ratelimit/juju/router": {"maxRate": 5}},
    "backend": [{
      "url_pattern": "/b",
      "host": ["http://h"],
      "whitelist": ["id"],
      "mapping": {"whitelist": "blacklist"},
      "extra_config": {"github.com/devopsfaith/krakend-circuitbreaker/gobreaker": {"maxErrors": 1}}
    }]
  }]
})";

TEST(Migrate, RenamesKeysAndComponents) {
  const auto migrated = migrate(kOld, Syntax::json, "old.json");
  ASSERT_TRUE(migrated) << migrated.error().message;
  const json now = json::parse(migrated->text);
  EXPECT_EQ(now["version"], 3);
  EXPECT_EQ(now["extra_config"]["router"], json({{"return_error_msg", true}}));
  EXPECT_TRUE(now["extra_config"].contains("telemetry/logging"));
  EXPECT_EQ(now["extra_config"].size(), 2U);
  const json& endpoint = now["endpoints"][0];
  EXPECT_EQ(endpoint["input_headers"], json({"X-A"}));
  EXPECT_EQ(endpoint["input_query_strings"], json({"page"}));
  EXPECT_EQ(endpoint["extra_config"], json({{"qos/ratelimit/router", {{"max_rate", 5}}}}));
  const json& backend = endpoint["backend"][0];
  EXPECT_EQ(backend["allow"], json({"id"}));
  EXPECT_EQ(backend["mapping"], json({{"whitelist", "blacklist"}}));
  EXPECT_EQ(backend["extra_config"], json({{"qos/circuit-breaker", {{"max_errors", 1}}}}));
  EXPECT_THAT(migrated->notes, Contains(HasSubstr("krakend-etcd\"]: dropped")));
  EXPECT_THAT(migrated->notes, Contains("endpoints[0].headers_to_pass: now input_headers"));
}

TEST(Migrate, NamesOfUsersStay) {
  const auto migrated = migrate(
      R"({"version":2,"endpoints":[{"endpoint":"/a","extra_config":{
          "github.com/devopsfaith/krakend-jsonschema":{"required":["whitelist"],
            "properties":{"whitelist":{"type":"string"}},"maxRate":1}},
          "backend":[{"url_pattern":"/b","extra_config":{
            "github.com/devopsfaith/krakend-oauth2-clientcredentials":{
              "endpoint_params":{"blacklist":["x"]}}}}]}]})",
      Syntax::json, "o");
  ASSERT_TRUE(migrated) << migrated.error().message;
  const json endpoint = json::parse(migrated->text)["endpoints"][0];
  EXPECT_EQ(endpoint["extra_config"]["validation/json-schema"],
            json::parse(R"({"required":["whitelist"],
                            "properties":{"whitelist":{"type":"string"}},"maxRate":1})"));
  EXPECT_EQ(endpoint["backend"][0]["extra_config"]["auth/client-credentials"]["endpoint_params"],
            json::parse(R"({"blacklist":["x"]})"));
}

TEST(Migrate, OldAndNewNamesBecomeOneList) {
  for (const char* both : {R"("input_headers":["B","A"],"headers_to_pass":["A","C"])",
                           R"("headers_to_pass":["B","A"],"input_headers":["A","C"])"}) {
    const auto migrated =
        migrate(R"({"endpoints":[{)" + std::string(both) + "}]}", Syntax::json, "o");
    ASSERT_TRUE(migrated) << migrated.error().message;
    EXPECT_EQ(json::parse(migrated->text)["endpoints"][0]["input_headers"],
              json::parse(R"(["B","A","C"])"));
  }
  const auto two_old =
      migrate(R"({"backend":{"whitelist":["a"],"allowlist":["b"]}})", Syntax::json, "o");
  ASSERT_TRUE(two_old);
  EXPECT_EQ(json::parse(two_old->text)["backend"]["allow"], json::parse(R"(["a","b"])"));
  const auto differ =
      migrate(R"({"extra_config":{"x":{"maxRate":5,"max_rate":6}}})", Syntax::json, "o");
  ASSERT_FALSE(differ);
  EXPECT_THAT(differ.error().message,
              HasSubstr("o: extra_config.x.max_rate: max_rate is given under two names"));
}

TEST(Migrate, KeepsTheOrderOfKeys) {
  const auto migrated =
      migrate(R"({"name":"z","version":2,"endpoints":[],"cache_ttl":"1s"})", Syntax::json, "o");
  ASSERT_TRUE(migrated);
  EXPECT_EQ(migrated->text,
            "{\n  \"version\": 3,\n  \"name\": \"z\",\n  \"endpoints\": [],\n  \"cache_ttl\": "
            "\"1s\"\n}\n");
}

TEST(Migrate, ReadsTheOtherFormats) {
  EXPECT_TRUE(migrate("version: 2\n", Syntax::yaml, "o.yaml"));
  EXPECT_TRUE(migrate("version = 2\n", Syntax::toml, "o.toml"));
  const auto broken = migrate("{\n", Syntax::json, "o.json");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("o.json:2:1"));
}

TEST(Load, OldFilesAreSentToMigrate) {
  EXPECT_THAT(message(testing::load(R"({"version":2})")), HasSubstr("ropewalk migrate -c FILE"));
  const auto loaded = testing::load(testing::with_endpoint(
      R"({"endpoint":"/a","headers_to_pass":["X"],"backend":[{"url_pattern":"/b"}]})"));
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(testing::warning_at(*loaded, "endpoints[0].headers_to_pass"),
              HasSubstr("called input_headers"));
}

}  // namespace
}  // namespace ropewalk::config
