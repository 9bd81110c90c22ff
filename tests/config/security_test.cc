// security/*, modifier/response-headers and the IP filter: what is read, what is refused.
#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using testing::load;
using testing::message;
using testing::service;
using testing::warning_at;
using testing::with_endpoint;
using testing::with_extra;

struct Read {
  std::string_view name;
  std::string_view block;
  std::string_view text;  // what travels
};

TEST(Security, BlocksTravelNormalised) {
  const Read cases[] = {
      {"security/cors", "{}", "{}"},
      {"security/cors",
       R"({"allow_origins":["a"],"allow_methods":[],"max_age":"1h","debug":true,"@c":1})",
       R"({"allow_origins":["a"],"max_age":3600})"},
      {"security/cors", R"({"max_age":"500ms","options_success_status":200.9})",
       R"({"options_success_status":200})"},
      {"security/cors", R"({"options_success_status":0})", "{}"},
      {"security/cors", R"({"options_success_status":999})", R"({"options_success_status":999})"},
      {"security/http", R"({"sts_seconds":10.9,"frame_deny":true,"ssl_redirect":false})",
       R"({"frame_deny":true,"sts_seconds":10})"},
      {"security/http", R"({"allowed_hosts":["("]})", R"({"allowed_hosts":["("]})"},
      {"security/bot-detector", R"({"deny":["x"],"allow":null,"cache_size":5})",
       R"({"cache_size":5,"deny":["x"]})"},
      {"security/bot-detector", R"({"Deny":["x"],"Empty_User_Agent_Is_Bot":true,"DENY":null})",
       R"({"deny":["x"],"empty_user_agent_is_bot":true})"},
      {"modifier/response-headers", R"({"add":{"_a":"1"},"rename":{"_b":"c"}})",
       R"({"add":{"_a":["1"]},"rename":{"_b":"c"}})"},
      {"modifier/response-headers", R"({"add":{"A":"1"},"delete":["B"]})",
       R"({"add":{"A":["1"]},"delete":["B"]})"},
      {"plugin/http-server", R"({"name":["ip-filter"],"ip-filter":{"CIDR":["10.0.0.0/8"]}})",
       R"({"ip-filter":{"CIDR":["10.0.0.0/8"]}})"},
  };
  for (const Read& one : cases) {
    const auto loaded =
        load(with_extra("{\"" + std::string(one.name) + "\":" + std::string(one.block) + "}"));
    ASSERT_TRUE(loaded) << message(loaded);
    EXPECT_EQ(service(*loaded).extra_config().at(std::string(one.name)), one.text);
  }
}

struct RefusedBlock {
  std::string_view name;
  std::string_view block;
  std::string_view message;
};

TEST(Security, WhatWouldLeaveADoorOpenIsRefused) {
  const RefusedBlock cases[] = {
      {"security/cors", R"({"allow_origins":"https://a"})", "allow_origins: expected a list"},
      {"security/cors", R"({"allow_headers":[1]})", "allow_headers[0]: expected a text"},
      {"security/cors", R"({"allow-origins":["a"]})", "did you mean allow_origins?"},
      {"security/cors", R"({"max_age":3600})", "max_age: expected a duration"},
      {"security/cors", R"({"options_success_status":99})", "from 200 to 999"},
      {"security/http", "[]", "expected an object"},
      {"security/http", R"({"frame_deny":"true"})", "frame_deny: expected true or false"},
      {"security/http", R"({"allowed_hosts":["("],"allowed_hosts_are_regex":true})",
       "allowed_hosts[0]: expected a regular expression"},
      {"security/http", R"({"content_security_policy":"a\r\nX: y"})", "no control characters"},
      {"security/http", R"({"sts_second":1})", "did you mean sts_seconds?"},
      {"security/bot-detector", R"({"patterns":["("]})", "patterns[0]: expected a regular"},
      {"security/bot-detector", R"({"cache_size":-1})", "cache_size: expected a number from 0"},
      {"security/bot-detector", R"({"deny":"x"})", "deny: expected a list of texts"},
      {"security/bot-detector", R"({"blacklist":["x"]})", "blacklist: unknown key"},
      {"modifier/response-headers", R"({"add":{"a b":["1"]}})", "expected a header name"},
      {"modifier/response-headers", R"({"delete":["Content-Length"]})",
       "belongs to the connection"},
      {"modifier/response-headers", R"({"add":{"A":["1\n2"]}})", "no control characters"},
      {"plugin/http-server", R"({"name":["geoip"],"geoip":{}})", "no plugin of this name"},
      {"plugin/http-server", R"({"name":["ip-filter"]})", "expected an object with CIDR"},
      {"plugin/http-server", R"({"name":["ip-filter"],"ip-filter":{"CIDR":["10.0.0.0/33"]}})",
       "CIDR[0]: expected an address or a network"},
      {"plugin/http-server", R"({"name":[],"ip-filter":{"CIDR":["10.0.0.0/8"]}})",
       "`name` does not list this plugin"},
  };
  for (const RefusedBlock& one : cases) {
    const auto loaded =
        load(with_extra("{\"" + std::string(one.name) + "\":" + std::string(one.block) + "}"));
    EXPECT_THAT(message(loaded), HasSubstr(std::string(one.message))) << one.block;
    EXPECT_THAT(message(loaded), HasSubstr(std::string(one.name))) << one.block;
  }
}

TEST(Security, WhatOnlyClosesMoreIsAWarning) {
  const auto loaded = load(with_extra(
      R"({"security/cors":{"max_age":"3600","allow_credentials":"true","options_success_status":)"
      R"("200"},"security/http":{"hpkp_public_key":"x"}})"));
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_EQ(service(*loaded).extra_config().at("security/cors"), "{}");
  for (const char* key : {"max_age", "allow_credentials", "options_success_status"})
    EXPECT_THAT(warning_at(*loaded, "extra_config[\"security/cors\"]." + std::string(key)),
                HasSubstr("ignored"));
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"security/http\"].hpkp_public_key"),
              HasSubstr("without effect"));
}

TEST(Security, EndpointsHaveThemToo) {
  const auto loaded = load(with_endpoint(
      R"({"endpoint":"/a","backend":[{"url_pattern":"/a"}],"extra_config":{)"
      R"("security/bot-detector":{"deny":["x"]},"security/http":{"frame_deny":true},)"
      R"("plugin/req-resp-modifier":{"name":["ip-filter"],"ip-filter":{"CIDR":["::1"]}}}})"));
  ASSERT_TRUE(loaded) << message(loaded);
  bool found = false;
  for (const v1::Resource& resource : loaded->resources)
    if (resource.has_endpoint()) {
      found = true;
      EXPECT_EQ(resource.endpoint().extra_config_size(), 3);
    }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace ropewalk::config
