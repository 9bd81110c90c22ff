// What a user may agree to run without, and what is said of writes.
#include "config/consent.h"

#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using testing::load;
using testing::message;
using testing::warning_at;
using testing::with_endpoint;

const char* const kPolicies =
    R"({"endpoint":"/a","extra_config":{"security/policies":{"req":{"policies":["true"]}}},
        "backend":[{"url_pattern":"/b","extra_config":{"security/policies":{}}}]})";

TEST(Consent, IsNeededForWhatProtects) {
  EXPECT_THAT(message(load(with_endpoint(kPolicies))), HasSubstr("security/policies"));
  LoadOptions options;
  options.allow_missing = {"security/policies"};
  const auto loaded = load(with_endpoint(kPolicies), options);
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].extra_config[\"security/policies\"]"),
              HasSubstr("left out with your consent"));
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[0].extra_config[\"security/policies\"]"),
              HasSubstr("left out with your consent"));
}

TEST(Consent, IsNeededForQuotas) {
  const char* const processors = R"("extra_config":{"governance/processors":{"quotas":[]}})";
  const char* const quota = R"("extra_config":{"governance/quota":{"quota_name":"a"}})";
  const std::string documents[] = {
      std::string(R"({"version":3,)") + processors + "}",
      std::string(R"({"version":3,)") + quota + "}",
      with_endpoint(std::string(R"({"endpoint":"/a",)") + quota +
                    R"(,"backend":[{"url_pattern":"/b"}]})"),
      with_endpoint(std::string(R"({"endpoint":"/a","backend":[{"url_pattern":"/b",)") + quota +
                    "}]}")};
  LoadOptions options;
  options.allow_missing = {"governance/quota", "governance/processors"};
  for (const std::string& document : documents) {
    EXPECT_THAT(message(load(document)), HasSubstr("governance/")) << document;
    EXPECT_TRUE(load(document, options)) << document;
  }
}

TEST(Consent, IsOnlyForThePaidEdition) {
  EXPECT_TRUE(check_allow_missing({"security/policies", "ai/llm"}));
  for (const char* name : {"auth/validator", "plugin/http-server", "backend/lambda", "nonsense"}) {
    const auto checked = check_allow_missing({name});
    ASSERT_FALSE(checked) << name;
    EXPECT_THAT(checked.error().message, HasSubstr(name));
    EXPECT_THAT(checked.error().message, HasSubstr("security/policies"));
  }
}

TEST(Lint, KeysWithoutEffectAreSaid) {
  struct Case {
    const char* endpoint;
    const char* path;
    const char* message;
  };
  const Case cases[] = {
      {R"({"endpoint":"/a","output_encoding":"no-op","cache_ttl":"5s","backend":[{"url_pattern":"/b"}]})",
       "cache_ttl", "no-op"},
      {R"({"endpoint":"/a","output_encoding":"no-op","backend":[{"url_pattern":"/b","mapping":{"a":"b"}}]})",
       "backend[0].mapping", "no-op"},
      {R"({"endpoint":"/a","backend":[{"url_pattern":"/b","deny":["a"],"extra_config":{"proxy":{
          "flatmap_filter":[{"type":"del","args":["b"]}]}}}]})",
       "backend[0].deny", "flatmap_filter"},
      {R"({"endpoint":"/a","backend":[{"url_pattern":"/b"},{"url_pattern":"/{resp0_id}"}]})",
       "backend[1].url_pattern", "{resp0_id} has no value: the endpoint is not sequential"},
      {R"({"endpoint":"/a","extra_config":{"proxy":{"sequential":true}},
          "backend":[{"url_pattern":"/b"},{"url_pattern":"/{resp1_id}"}]})",
       "backend[1].url_pattern", "no such backend answers before"},
      {R"({"endpoint":"/a","backend":[{"url_pattern":"/{JWT.sub}"}]})", "backend[0].url_pattern",
       "{JWT.sub} has no value"},
      {R"({"endpoint":"/a","extra_config":{"proxy":{"sequential_propagated_params":["resp0_a"]}},
          "backend":[{"url_pattern":"/b"},{"url_pattern":"/c"}]})",
       "extra_config.proxy.sequential_propagated_params", "sequence"},
      {R"({"endpoint":"/a","timeout":300,"backend":[{"url_pattern":"/b"}]})", "timeout",
       "nanoseconds"},
      {R"({"endpoint":"/a","timeout":"300us","backend":[{"url_pattern":"/b"}]})", "timeout",
       "under a millisecond"},
      {R"({"endpoint":"/a","input_headers":["X-A"],"backend":[{"url_pattern":"/b","input_headers":["x-a","X-B"]}]})",
       "backend[0].input_headers[1]", "does not let it through"},
  };
  for (const Case& one : cases) {
    const auto loaded = load(with_endpoint(one.endpoint));
    ASSERT_TRUE(loaded) << message(loaded);
    EXPECT_THAT(warning_at(*loaded, "endpoints[0]." + std::string(one.path)),
                HasSubstr(one.message))
        << one.endpoint;
    EXPECT_EQ(loaded->warnings.size(), 1U) << one.endpoint;
  }
  const auto root = load(R"({"version":3,"timeout":2000,"expect_continue_timeout":"30s"})");
  ASSERT_TRUE(root);
  EXPECT_THAT(warning_at(*root, "timeout"), HasSubstr("nanoseconds"));
  EXPECT_THAT(warning_at(*root, "expect_continue_timeout"), HasSubstr("no effect"));
}

TEST(Lint, WhatHasAnEffectPasses) {
  for (
      const char* endpoint :
      {R"({"endpoint":"/a","timeout":"1ms","extra_config":{"proxy":{"sequential":true,
           "sequential_propagated_params":["resp0_a"]}},
           "backend":[{"url_pattern":"/s","extra_config":{"proxy":{"shadow":true}}},
                      {"url_pattern":"/b"},{"url_pattern":"/{resp0_id}"}]})",
       R"({"endpoint":"/a/{resp0_x}","backend":[{"url_pattern":"/{resp0_x}","group":"g",
           "extra_config":{"proxy":{"flatmap_filter":[{"type":"del","args":["b"]}]}}}]})",
       R"({"endpoint":"/a","input_headers":["*"],"backend":[{"url_pattern":"/b","input_headers":["X-B"]}]})",
       R"({"endpoint":"/a","backend":[{"url_pattern":"/b","input_headers":["Content-Type","User-Agent"]}]})"}) {
    const auto loaded = load(with_endpoint(endpoint));
    ASSERT_TRUE(loaded) << message(loaded);
    EXPECT_TRUE(loaded->warnings.empty()) << endpoint << loaded->warnings[0].message;
  }
}

TEST(Lint, SeveralWritesAreSaid) {
  const auto two = load(with_endpoint(
      R"({"endpoint":"/a","method":"POST","backend":[{"url_pattern":"/b"},{"url_pattern":"/c"}]})"));
  ASSERT_TRUE(two) << message(two);
  EXPECT_THAT(warning_at(*two, "endpoints[0].backend"), HasSubstr("2 backends"));
  EXPECT_EQ(two->warnings[0].severity, Severity::advice);
  const auto one = load(with_endpoint(R"({"endpoint":"/a","method":"POST",
      "backend":[{"url_pattern":"/b"},{"url_pattern":"/c","method":"GET"}]})"));
  ASSERT_TRUE(one) << message(one);
  EXPECT_TRUE(one->warnings.empty());
  const auto shadowed = load(with_endpoint(R"({"endpoint":"/a","method":"POST",
      "backend":[{"url_pattern":"/b"},
                 {"url_pattern":"/c","extra_config":{"proxy":{"shadow":true}}}]})"));
  ASSERT_TRUE(shadowed) << message(shadowed);
  EXPECT_TRUE(shadowed->warnings.empty());
  const auto in_order = load(with_endpoint(R"({"endpoint":"/a",
      "extra_config":{"proxy":{"sequential":true}},
      "backend":[{"url_pattern":"/b"},{"url_pattern":"/c","method":"POST"},
                 {"url_pattern":"/d","extra_config":{"proxy":{"shadow":true}}}]})"));
  ASSERT_TRUE(in_order) << message(in_order);
  EXPECT_TRUE(in_order->warnings.empty());
}

TEST(Lint, AdviceIsNoMissingEffect) {
  const auto metrics = load(R"({"version":3,"extra_config":{"telemetry/opentelemetry":
      {"exporters":{"prometheus":[{"name":"p","go_metrics":true}]}}}})");
  ASSERT_TRUE(metrics) << message(metrics);
  ASSERT_EQ(metrics->warnings.size(), 1U);
  EXPECT_EQ(metrics->warnings[0].severity, Severity::advice);
  const auto number = [](const char* timeout) {
    const auto loaded = load(R"({"version":3,"timeout":)" + std::string(timeout) + "}");
    return loaded && loaded->warnings.size() == 1 ? loaded->warnings[0].severity
                                                  : throw std::runtime_error(timeout);
  };
  EXPECT_EQ(number("2000000000"), Severity::advice);
  EXPECT_EQ(number("2000"), Severity::no_effect);
}

}  // namespace
}  // namespace ropewalk::config
