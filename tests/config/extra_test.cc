// The table of namespaces, and what documents that use them come to.
#include "config/extra/backend_http.h"
#include "config/extra/proxy_options.h"
#include "config/registry.h"
#include "helpers.h"

#include <gmock/gmock.h>

#include <set>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load;
using testing::message;
using testing::service;
using testing::warning_at;
using testing::with_endpoint;
using testing::with_extra;

TEST(Registry, NamesAndAliasesAreUnique) {
  std::set<std::string_view> seen;
  for (const Namespace& space : namespaces()) {
    EXPECT_TRUE(seen.insert(space.name).second) << space.name;
    if (!space.alias.empty()) EXPECT_TRUE(seen.insert(space.alias).second) << space.alias;
    EXPECT_EQ(find_namespace(space.name), &space);
    EXPECT_NE(space.levels, 0) << space.name;
  }
}

TEST(Registry, OrdersAreUniqueWithinAPhaseAndRisingInTheTable) {
  Phase phase = Phase::listener;
  int order = -1;
  for (const Namespace& space : namespaces()) {
    if (space.phase != phase) {
      EXPECT_GT(space.phase, phase) << space.name;
      phase = space.phase;
      order = -1;
    }
    EXPECT_GT(space.order, order) << space.name;
    order = space.order;
  }
}

TEST(Registry, RequestsMeetChecksInKrakenDsOrder) {
  const char* order[] = {"security/cors",
                         "security/http",
                         "security/bot-detector",
                         "auth/validator",
                         "auth/signer",
                         "modifier/lua-endpoint",
                         "qos/ratelimit/router",
                         "modifier/lua-proxy",
                         "validation/cel",
                         "validation/json-schema",
                         "proxy",
                         "plugin/req-resp-modifier",
                         "backend/graphql",
                         "qos/circuit-breaker",
                         "qos/ratelimit/proxy",
                         "modifier/lua-backend",
                         "backend/lambda",
                         "modifier/martian",
                         "qos/http-cache",
                         "auth/client-credentials",
                         "plugin/http-client"};
  const Namespace* previous = nullptr;
  for (const char* name : order) {
    const Namespace* space = find_namespace(name);
    ASSERT_NE(space, nullptr) << name;
    if (previous) EXPECT_LT(previous, space) << name;
    previous = space;
  }
}

TEST(Registry, StreamResourcesNeedKnownNamespacesAtTheirLevel) {
  EXPECT_TRUE(check_namespaces(Level::backend, {"backend/http"}));
  EXPECT_FALSE(check_namespaces(Level::endpoint, {"backend/http"}));
  EXPECT_TRUE(check_namespaces(Level::endpoint, {"auth/validator"}));
  EXPECT_FALSE(check_namespaces(Level::endpoint, {"websocket"}));
  EXPECT_FALSE(check_namespaces(Level::service, {"shop/own"}));
  EXPECT_THAT(implemented_namespaces(), ::testing::Contains("ropewalk/limits"));
}

TEST(Extra, ProtectionAndAnswersThatThisBuildLacksAreRefused) {
  for (const char* name : {"qos/ratelimit/tiered", "security/policies", "modifier/jmespath",
                           "workflow", "websocket"}) {
    const std::string text = with_endpoint(R"({"endpoint":"/x","backend":[{}],"extra_config":{")" +
                                           std::string(name) + R"(":{}}})");
    EXPECT_THAT(message(load(text)),
                ::testing::AllOf(::testing::StartsWith("krakend.json:1:"), HasSubstr(name),
                                 HasSubstr("is not supported yet")));
  }
}

TEST(Extra, QueuesAndFunctionsAreRefused) {
  for (const char* name :
       {"backend/amqp/consumer", "backend/lambda", "backend/graphql", "backend/grpc",
        "backend/soap", "backend/pubsub/publisher", "github.com/devopsfaith/krakend-lambda"}) {
    const std::string text = with_endpoint(R"({"endpoint":"/x","backend":[{"extra_config":{")" +
                                           std::string(name) + R"(":{"a":1}}}]})");
    EXPECT_THAT(message(load(text)), HasSubstr("is not supported yet")) << name;
  }
  EXPECT_THAT(message(load(R"({"version":3,"async_agent":[{"name":"a"}]})")),
              HasSubstr("async_agent: "));
}

TEST(Extra, WhatProtectsNothingIsWarnedAbout) {
  const auto loaded = load(with_extra(
      R"({"telemetry/influx":{},"documentation/openapi":{"a":1},"shop/own":{"a":[1]},"router2":5,
          "backend/http":{"return_error_code":true}})"));
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"telemetry/influx\"]"), HasSubstr("no effect"));
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"documentation/openapi\"]"),
              HasSubstr("no effect"));
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"shop/own\"]"), HasSubstr("unknown component"));
  EXPECT_THAT(warning_at(*loaded, "extra_config.router2"), HasSubstr("did you mean router?"));
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"backend/http\"]"),
              HasSubstr("no effect at the level of a service"));
  EXPECT_EQ(loaded->warnings.size(), 5U);
}

TEST(Extra, WhatKrakenDHasAtThisLevelIsCalledUnsupported) {
  EXPECT_THAT(
      message(load(with_endpoint(
          R"({"endpoint":"/x","backend":[{"extra_config":{"plugin/req-resp-modifier":{"name":["a"]}}}]})"))),
      HasSubstr("plugin/req-resp-modifier is not supported yet at the level of a backend"));
}

TEST(Extra, MisspeltProtectionIsRefused) {
  for (const char* name :
       {"auth/validater", "Auth/Validator", "qos/rate-limit", "security/ip-filter",
        "github_com/devopsfaith/krakend-jose/validator", "governance/quotas",
        "github.com/devopsfaith/krakend-ratelimit/juju/router", "backend/none"}) {
    const std::string text = with_endpoint(R"({"endpoint":"/x","backend":[{}],"extra_config":{")" +
                                           std::string(name) + R"(":{"a":1}}})");
    EXPECT_THAT(message(load(text)), HasSubstr(name)) << name;
  }
  EXPECT_THAT(message(load(with_extra(R"({"auth/validater":{}})"))),
              HasSubstr("did you mean auth/validator?"));
  // A value from which nothing could be built is a warning, as KrakenD starts with it.
  EXPECT_TRUE(load(with_extra(R"({"qos/none":true})")));
}

TEST(Extra, NullAndCommentsAreOff) {
  const auto loaded = load(with_extra(
      R"({"auth/validator":null,"@auth/validator":{"a":1},"telemetry/metrics":null,"_x":{}})"));
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(Extra, WrongShapesAreRefusedEmptyListsAreNot) {
  EXPECT_TRUE(load(R"({"version":3,"extra_config":[]})"));
  EXPECT_TRUE(load(R"({"version":3,"extra_config":null})"));
  EXPECT_THAT(message(load(R"({"version":3,"extra_config":["router"]})")),
              HasSubstr("extra_config[0]: expected an object, got \"router\""));
  EXPECT_THAT(message(load(R"({"version":3,"extra_config":"x"})")),
              HasSubstr("extra_config: expected an object"));
}

TEST(Extra, AListOfObjectsIsTheirUnion) {
  const auto loaded = load(
      R"({"version":3,"extra_config":[{"router":{"health_path":"/a"},"_c":1},{"router":{"health_path":"/b"}},
          {"github_com/luraproject/lura/router/gin":{"health_path":"/c"}}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_EQ(loaded->resources[0].service().router().health_path(), "/b");
  EXPECT_THAT(message(load(R"({"version":3,"extra_config":[{},{"auth/validatr":{"a":1}}]})")),
              HasSubstr("extra_config[1][\"auth/validatr\"]"));
}

TEST(Extra, ShortNameWinsWhole) {
  const auto loaded = load(with_extra(
      R"({"github_com/luraproject/lura/router/gin":{"return_error_msg":true},
          "router":{"hide_version_header":true}})"));
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(service(*loaded).router().return_error_msg());
  EXPECT_TRUE(service(*loaded).router().hide_version_header());
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

std::string proxy(std::string_view block, int backends = 2) {
  return with_endpoint(R"({"endpoint":"/x","backend":[{})" +
                       std::string(backends > 1 ? ",{}" : "") + R"(],"extra_config":{"proxy":)" +
                       std::string(block) + "}}");
}

TEST(Proxy, WhatChangesAnswersIsRefused) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"sequential":true,"sequential_propagated_params":[5]})",
       "proxy.sequential_propagated_params[0]: expected a name such as resp0_id"},
      {R"({"flatmap_filter":[{"type":"move","args":["a"]}]})",
       "proxy.flatmap_filter[0].args: expected two paths"},
      {R"({"flatmap_filter":[{"type":"del"},{"type":"append"}]})", "proxy.flatmap_filter[1].args"},
      {R"({"flatmap_filter":[{"type":"move","args":[1,"b"]}]})",
       "proxy.flatmap_filter[0].args[0]: expected a path, got 1"},
      {R"({"max_payload":-1})", "proxy.max_payload: expected a number of bytes"},
      {R"({"max_payload":"1MB"})", "proxy.max_payload: expected a number of bytes"},
      {R"({"combiner":5})", "proxy.combiner: expected a text"},
      {R"({"strategy":"first"})", "proxy.strategy: expected parallel or sequential"},
  };
  for (const auto& [block, expected] : table)
    EXPECT_THAT(message(load(proxy(block))), HasSubstr(expected)) << block;
}

TEST(Proxy, OrderAndShadowsReachTheModel) {
  const auto order =
      load(proxy(R"({"sequential":true,"sequential_propagated_params":["resp0_id"]})"));
  ASSERT_TRUE(order) << message(order);
  const auto shadow = load(with_endpoint(
      R"({"endpoint":"/x","backend":[{},{"extra_config":{"proxy":{"shadow":true,"shadow_timeout":"3s"}}}]})"));
  ASSERT_TRUE(shadow) << message(shadow);
  bool sequential = false;
  std::int64_t shadow_timeout = 0;
  for (const auto& resource : order->resources)
    if (resource.has_endpoint())
      sequential =
          resource.endpoint().sequential() && resource.endpoint().propagated_params_size() == 1;
  for (const auto& resource : shadow->resources)
    if (resource.has_backend() && resource.backend().shadow())
      shadow_timeout = resource.backend().shadow_timeout_ns();
  EXPECT_TRUE(sequential);
  EXPECT_EQ(shadow_timeout, 3'000'000'000);
}

// Nothing protects by a shadow's time: KrakenD ignores what is no duration. One that is over at
// once keeps the shadow from being called.
TEST(Proxy, ShadowTimesThatAreNone) {
  const std::pair<std::string, std::int64_t> table[] = {
      {R"("abc")", 0}, {"5", 0}, {"null", 0}, {R"("")", 0}, {R"("0s")", -1}, {R"("-1s")", -1}};
  for (const auto& [value, expected] : table) {
    const auto loaded = load(with_endpoint(
        R"({"endpoint":"/x","backend":[{},{"extra_config":{"proxy":{"shadow":true,"shadow_timeout":)" +
        value + "}}}]}"));
    ASSERT_TRUE(loaded) << value << message(loaded);
    for (const auto& resource : loaded->resources)
      if (resource.has_backend() && resource.backend().shadow())
        EXPECT_EQ(resource.backend().shadow_timeout_ns(), expected) << value;
  }
}

TEST(Proxy, WhatChangesNothingIsAccepted) {
  for (const char* block :
       {R"({"sequential":false})", R"({"strategy":"parallel","sequential":true})",
        R"({"static":{"data":5}})", R"({"flatmap_filter":[{"args":["a"]}]})",
        R"({"combiner":"default"})", R"({"force_sandboxed_request":true})", "null", "5",
        R"({"sequential":"yes"})"})
    EXPECT_TRUE(load(proxy(block))) << block << ": " << message(load(proxy(block)));
  // With one backend there is no order and no merged data to shape.
  EXPECT_TRUE(load(proxy(R"({"sequential":true})", 1)));
  EXPECT_TRUE(load(proxy(R"({"flatmap_filter":[{"type":"del","args":["a"]}]})", 1)));
}

const v1::Endpoint& first_endpoint(const Loaded& loaded) {
  for (const v1::Resource& resource : loaded.resources)
    if (resource.has_endpoint()) return resource.endpoint();
  return v1::Endpoint::default_instance();
}

TEST(Proxy, FlatmapAndStaticTravelAsText) {
  const auto loaded = load(proxy(R"({"flatmap_filter":["x",{"type":"del","args":["a.*",5,"b"]},
      {"type":"MOVE","args":["a","b"]},{"type":"append","args":["c","d","e"]},
      {"type":"append","args":[1,"d"]},{"args":["a"]},{"type":1}],
      "static":{"strategy":"errored","data":{"n":1.10,"big":9007199254740993,"@c":null}}})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const std::string text = first_endpoint(*loaded).extra_config().at("proxy");
  const auto options = parse_proxy(text);
  ASSERT_TRUE(options) << text;
  ASSERT_EQ(options->flatmap.size(), 4U);
  EXPECT_EQ(options->flatmap[0].type, "del");
  EXPECT_THAT(options->flatmap[0].arguments, ElementsAre("a.*", "b"));
  EXPECT_EQ(options->flatmap[1].type, "none");
  EXPECT_EQ(options->flatmap[2].type, "append");
  EXPECT_THAT(options->flatmap[2].arguments, ElementsAre("c", "d"));
  EXPECT_EQ(options->flatmap[3].type, "none");
  EXPECT_EQ(options->fixed->strategy, "errored");
  EXPECT_EQ(options->fixed->data, R"({"@c":null,"big":9007199254740992,"n":1.1})");
  for (const char* path :
       {"[0]", "[1].args[1]", "[2].type", "[3].args[2]", "[4].args[0]", "[5]", "[6]"})
    EXPECT_NE(
        warning_at(*loaded, "endpoints[0].extra_config.proxy.flatmap_filter" + std::string(path)),
        "")
        << path;
}

TEST(Proxy, AStaticAnswerHasAStrategy) {
  for (const char* strategy : {"\"sometimes\"", "5", "null"}) {
    const auto loaded =
        load(proxy(R"({"static":{"data":{},"strategy":)" + std::string(strategy) + "}}"));
    ASSERT_TRUE(loaded);
    const auto options = parse_proxy(first_endpoint(*loaded).extra_config().at("proxy"));
    EXPECT_EQ(options->fixed->strategy, "always");
  }
  const auto no_op =
      load(with_endpoint(R"({"endpoint":"/x","output_encoding":"no-op","backend":[{}],
      "extra_config":{"proxy":{"static":{"data":{"a":1}}}}})"));
  ASSERT_TRUE(no_op);
  EXPECT_FALSE(first_endpoint(*no_op).extra_config().contains("proxy"));
}

TEST(Proxy, OnlyItsOwnTextIsRead) {
  for (const char* text : {"", "[]", R"({"x":1})", R"({"flatmap_filter":{}})",
                           R"({"flatmap_filter":[{"type":"move","args":["a"]}]})",
                           R"({"flatmap_filter":[{"type":"x","args":[]}]})",
                           R"({"static":{"strategy":"x","data":"{}"}})",
                           R"({"static":{"strategy":"always","data":{}}})"})
    EXPECT_FALSE(parse_proxy(text)) << text;
}

TEST(Limits, AreRead) {
  const auto loaded = load(with_extra(R"({"ropewalk/limits":{
    "max_header_fields":100,"header_timeout":"5s","max_request_body":"1MiB",
    "max_response_body":4096,"max_decompressed":"1GiB","max_decompression_ratio":10,
    "max_json_depth":50,"stalled_write_timeout":"20s","@c":1},"ropewalk/status":true})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::Limits& limits = service(*loaded).limits();
  EXPECT_EQ(limits.max_header_fields(), 100U);
  EXPECT_EQ(limits.header_timeout_ns(), 5'000'000'000);
  EXPECT_EQ(limits.max_request_body(), 1048576U);
  EXPECT_EQ(limits.max_response_body(), 4096U);
  EXPECT_EQ(limits.max_decompressed(), 1073741824U);
  EXPECT_EQ(limits.max_decompression_ratio(), 10U);
  EXPECT_EQ(limits.max_json_depth(), 50U);
  EXPECT_EQ(limits.stalled_write_timeout_ns(), 20'000'000'000);
  EXPECT_TRUE(service(*loaded).gateway_status_codes());
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(Limits, AreStrict) {
  for (const char* block :
       {"5", R"({"max_request_bodies":1})", R"({"max_request_body":"8MB"})",
        R"({"max_request_body":0})", R"({"max_request_body":-1})", R"({"header_timeout":5})",
        R"({"header_timeout":"0s"})", R"({"header_timeout":"-1s"})", R"({"max_json_depth":"10"})",
        R"({"max_json_depth":4294967296})", R"({"max_request_body":"99999999999GiB"})"})
    EXPECT_THAT(message(load(with_extra(R"({"ropewalk/limits":)" + std::string(block) + "}"))),
                HasSubstr("extra_config[\"ropewalk/limits\"]"))
        << block;
  EXPECT_THAT(message(load(with_extra(R"({"ropewalk/limits":{"max_request_bod":1}})"))),
              HasSubstr("did you mean max_request_body?"));
  EXPECT_FALSE(load(with_extra(R"({"ropewalk/status":{"a":1}})")));
  EXPECT_FALSE(load(with_extra(R"({"ropewalk/status":"on"})")));
}

TEST(BackendHttpText, RoundTrips) {
  const BackendHttp details{.return_error_details = "st\"ock"};
  EXPECT_EQ(parse_backend_http(to_text(details))->return_error_details, "st\"ock");
  EXPECT_TRUE(
      parse_backend_http(to_text(BackendHttp{.return_error_code = true}))->return_error_code);
  EXPECT_EQ(to_text(BackendHttp{}), "");
  for (const char* text : {"", "[]", "{", R"({"other":1})", R"({"return_error_code":1})"})
    EXPECT_FALSE(parse_backend_http(text)) << text;
}

}  // namespace
}  // namespace ropewalk::config
