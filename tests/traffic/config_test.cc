// What the blocks qos/* of a document come to, and what is refused.
#include "tests/config/helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using testing::load;
using testing::message;

std::string document(std::string_view endpoint_extra, std::string_view backend_extra) {
  return testing::with_endpoint(
      R"({"endpoint":"/a/{id}","extra_config":)" + std::string(endpoint_extra) +
      R"(,"backend":[{"url_pattern":"/b","extra_config":)" + std::string(backend_extra) + "}]}");
}

// Text of a namespace in the only endpoint or its backend, "" without one.
std::string text_of(const Result<Loaded>& loaded, const std::string& space) {
  if (!loaded) return loaded.error().message;
  for (const v1::Resource& resource : loaded->resources) {
    const auto& extra = resource.has_endpoint()  ? resource.endpoint().extra_config()
                        : resource.has_backend() ? resource.backend().extra_config()
                                                 : resource.service().extra_config();
    if (const auto it = extra.find(space); it != extra.end()) return it->second;
  }
  return {};
}

struct Case {
  const char* block;
  const char* expected;  // the text, or a part of the refusal
};

TEST(RouterLimit, RatesBecomeIntervalsAndBursts) {
  const Case cases[] = {
      {R"({"max_rate":1})", R"({"all":{"burst":1,"interval_ns":1000000000}})"},
      {R"({"max_rate":50.5})", R"({"all":{"burst":50,"interval_ns":19801980}})"},
      {R"({"max_rate":"5"})", R"({"all":{"burst":5,"interval_ns":200000000}})"},
      {R"({"max_rate":100,"every":"10m"})", R"({"all":{"burst":1,"interval_ns":6000000000}})"},
      {R"({"max_rate":1,"capacity":2.9,"every":"10m"})",
       R"({"all":{"burst":2,"interval_ns":600000000000}})"},
      {R"({"max_rate":1,"capacity":0,"every":"10ms"})",
       R"({"all":{"burst":1,"interval_ns":1000000000}})"},
      {R"({"max_rate":0,"capacity":7})", ""},
      {R"({})", ""},
      {R"({"strategy":"header","key":"X"})", ""},
      {R"({"client_max_rate":3,"strategy":"IP"})",
       R"({"client":{"burst":1,"interval_ns":333333333,"key":"","strategy":"ip"}})"},
      {R"({"max_rate":1000,"client_max_rate":3,"strategy":"param","key":"id"})",
       R"({"all":{"burst":1000,"interval_ns":1000000},"client":{"burst":3,"interval_ns":333333333,"key":"id","strategy":"param"}})"},
      {R"({"max_rate":1000,"client_max_rate":0.5,"strategy":"header","key":"X"})",
       R"({"all":{"burst":1000,"interval_ns":1000000},"client":{"burst":1,"interval_ns":2000000000,"key":"X","strategy":"header"}})"},
      {R"({"max_rate":1,"rate_limit_headers":true,"num_shards":0,"cleanup_period":"never"})",
       R"({"all":{"burst":1,"interval_ns":1000000000},"headers":true})"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(
        text_of(load(document(std::string(R"({"qos/ratelimit/router":)") + c.block + "}", "{}")),
                "qos/ratelimit/router"),
        c.expected)
        << c.block;
}

TEST(RouterLimit, WhatWouldLimitNobodyIsRefused) {
  const Case cases[] = {
      {R"([{"max_rate":1}])", "expected an object"},
      {R"({"max_rate":-5})", "expected a number of at least 0, got -5"},
      {R"({"max_rate":"many"})", "expected a number of at least 0"},
      {R"({"max_rate":true})", "expected a number of at least 0"},
      {R"({"max_rate":1,"capacity":-1})", "capacity"},
      {R"({"max_rate":1,"every":"soon"})", "expected a duration"},
      {R"({"max_rate":1,"every":10})", "expected a duration"},
      {R"({"maxRate":1})", "did you mean max_rate?"},
      {R"({"client_max_rate":1})", "without it no client is limited"},
      {R"({"client_max_rate":1,"strategy":"jwt"})", "expected ip, header or param, got \"jwt\""},
  };
  for (const Case& c : cases)
    EXPECT_THAT(
        message(load(document(std::string(R"({"qos/ratelimit/router":)") + c.block + "}", "{}"))),
        HasSubstr(c.expected))
        << c.block;
}

TEST(RouterLimit, KeysThatRefuseEverybodyAreAWarning) {
  for (const char* block : {R"({"client_max_rate":1,"strategy":"header"})",
                            R"({"client_max_rate":1,"strategy":"param","key":"Id"})"}) {
    const auto loaded =
        load(document(std::string(R"({"qos/ratelimit/router":)") + block + "}", "{}"));
    ASSERT_TRUE(loaded) << message(loaded);
    std::string all;
    for (const Warning& warning : loaded->warnings) all += warning.path + " " + warning.message;
    EXPECT_THAT(all, HasSubstr("every request is refused with 429")) << block;
  }
}

TEST(ServiceLimit, HasNoPlaceholders) {
  const auto with = [](const char* block) {
    return load(testing::with_extra(std::string(R"({"qos/ratelimit/service":)") + block + "}"));
  };
  EXPECT_EQ(text_of(with(R"({"max_rate":2})"), "qos/ratelimit/service"),
            R"({"all":{"burst":2,"interval_ns":500000000}})");
  EXPECT_THAT(message(with(R"({"client_max_rate":2,"strategy":"param","key":"id"})")),
              HasSubstr("expected ip or header"));
}

TEST(BackendLimit, EveryHasNoLeastPeriod) {
  const Case cases[] = {
      {R"({"max_rate":1,"capacity":1,"every":"1ms"})",
       R"({"all":{"burst":1,"interval_ns":1000000}})"},
      {R"({"max_rate":50,"every":"10m"})", R"({"all":{"burst":1,"interval_ns":12000000000}})"},
      {R"({"max_rate":1,"capacity":1,"every":"0s"})",
       R"({"all":{"burst":1,"interval_ns":1000000000}})"},
      {R"({"max_rate":0,"capacity":1})", ""},
  };
  for (const Case& c : cases)
    EXPECT_EQ(
        text_of(load(document("{}", std::string(R"({"qos/ratelimit/proxy":)") + c.block + "}")),
                "qos/ratelimit/proxy"),
        c.expected)
        << c.block;
  EXPECT_THAT(message(load(document("{}", R"({"qos/ratelimit/proxy":[1]})"))),
              HasSubstr("expected an object"));
}

TEST(CircuitBreaker, AnyValueSwitchesItOn) {
  const Case cases[] = {
      {R"({"interval":60,"timeout":10,"max_errors":1,"name":"a","log_status_change":true})",
       R"({"interval_s":60,"log":true,"max_errors":1,"name":"a","timeout_s":10})"},
      {R"({"name":"a"})",
       R"({"interval_s":0,"log":false,"max_errors":0,"name":"a","timeout_s":60})"},
      {R"({"interval":"60","timeout":0.5,"max_errors":0.9})",
       R"({"interval_s":60,"log":false,"max_errors":0,"name":"","timeout_s":60})"},
      {R"({"interval":0,"timeout":0})", ""},
      {"{}", ""},
      {"null", ""},
  };
  for (const Case& c : cases)
    EXPECT_EQ(
        text_of(load(document("{}", std::string(R"({"qos/circuit-breaker":)") + c.block + "}")),
                "qos/circuit-breaker"),
        c.expected)
        << c.block;
  for (const char* bad : {"\"on\"", "[]", R"({"max_errors":"few"})", R"({"timeout":-1})",
                          R"({"maxErrors":1})", R"({"log_status_change":"yes"})"})
    EXPECT_FALSE(load(document("{}", std::string(R"({"qos/circuit-breaker":)") + bad + "}")))
        << bad;
}

TEST(HttpCache, OneLimitAloneHasNoEffect) {
  const Case cases[] = {
      {"{}", "{}"},
      {R"({"shared":true})", R"({"shared":true})"},
      {R"({"max_items":10,"max_size":1500})", R"({"max_items":10,"max_size":1500})"},
      {R"({"Shared":true,"MAX_ITEMS":10,"max_size":5,"Max_Size":7})",
       R"({"max_items":10,"max_size":5,"shared":true})"},
      {R"({"max_items":10})", "{}"},
      {R"({"shared":false,"max_size":10})", "{}"},
      {"null", ""},
  };
  for (const Case& c : cases)
    EXPECT_EQ(text_of(load(document("{}", std::string(R"({"qos/http-cache":)") + c.block + "}")),
                      "qos/http-cache"),
              c.expected)
        << c.block;
  for (const char* bad : {"[]", "true", R"({"shared":"maybe"})", R"({"max_item":1})"})
    EXPECT_FALSE(load(document("{}", std::string(R"({"qos/http-cache":)") + bad + "}"))) << bad;
}

}  // namespace
}  // namespace ropewalk::config
