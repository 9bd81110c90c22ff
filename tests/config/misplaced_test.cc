// Protection outside of extra_config, or below a misspelt one, stops the start.
#include "config/misplaced.h"

#include "config/consent.h"
#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::load;
using testing::message;
using testing::warning_at;
using testing::with_endpoint;

constexpr const char* kValidator = R"({"alg":"RS256","jwk_url":"https://a/b"})";

std::string document_with(const std::string& more, const std::string& of_backend = {}) {
  return with_endpoint(R"({"endpoint":"/a","backend":[{"url_pattern":"/b")" +
                       (of_backend.empty() ? "" : "," + of_backend) + "}]," + more + "}");
}

TEST(Misplaced, AMisspeltExtraConfigIsRefused) {
  const std::string text =
      document_with(R"("extra_confg":{"auth/validator":)" + std::string(kValidator) + "}");
  EXPECT_THAT(message(load(text)),
              AllOf(HasSubstr("endpoints[0].extra_confg: "), HasSubstr("auth/validator"),
                    HasSubstr("did you mean extra_config?")));
  EXPECT_THAT(message(load(document_with(R"("extraConfig":[{},{"qos/ratelimit/router":{}}])"))),
              AllOf(HasSubstr("qos/ratelimit/router"), HasSubstr("did you mean extra_config?")));
  EXPECT_THAT(
      message(load(R"({"version":3,"ekstra_config":{"security/bot-detector":{"deny":["x"]}}})")),
      HasSubstr("did you mean extra_config?"));
}

TEST(Misplaced, AnExtraConfigInExtraConfigIsRefused) {
  const std::string text =
      document_with(R"("extra_config":{"extra_config":{"qos/ratelimit/router":{"max_rate":1}}})");
  EXPECT_THAT(message(load(text)), AllOf(HasSubstr("extra_config.extra_config: is not read here"),
                                         HasSubstr("qos/ratelimit/router")));
}

TEST(Misplaced, AProtectionOutsideOfExtraConfigIsRefused) {
  const std::string direct = R"("auth/validator":)" + std::string(kValidator);
  const std::string breaker = R"("qos/circuit-breaker":{"interval":60})";
  for (const std::string& text :
       {document_with(direct), document_with(R"("method":"GET")", breaker),
        R"({"version":3,)" + direct + "}", R"({"version":3,"name":"n",)" + breaker + "}"})
    EXPECT_THAT(message(load(text)), HasSubstr("belongs into extra_config")) << text;
  EXPECT_THAT(message(load(document_with(R"("auth/validater":{})"))),
              HasSubstr("did you mean auth/validator in extra_config?"));
}

TEST(Misplaced, ACommentKeyMayHoldIt) {
  EXPECT_TRUE(
      load(document_with(R"("_shared":{"auth/validator":{}},"@comment":{"auth/validator":{}})")));
  EXPECT_THAT(message(load(document_with(R"("shared":{"auth/validator":{}})"))),
              HasSubstr("begin the key with _"));
}

// What anchors of YAML refer to stands at the root.
TEST(Misplaced, ABlockOfTheRootMayHoldIt) {
  for (const char* name : {"x-auth", "shared", "definitions"}) {
    const auto loaded = load(std::string(R"({"version":3,")") + name +
                             R"(":{"auth/validator":{"alg":"RS256"}},"endpoints":[]})");
    ASSERT_TRUE(loaded) << name << message(loaded);
    EXPECT_EQ(loaded->warnings.size(), 1U) << name;
  }
  EXPECT_FALSE(load(R"({"version":3,"extra_confg":{"auth/basic":{"users":{}}},"endpoints":[]})"));
}

TEST(Misplaced, WhatProtectsNothingIsAWarning) {
  for (const char* more :
       {R"("extra_confg":{"proxy":{"sequential":true}})", R"("proxy":{"sequential":true})",
        R"("extra_confg":{"_auth/validator":{}})", R"("auth/validator":null)",
        R"("notes":{"auth/validator":"see the wiki"})"}) {
    const auto loaded = load(document_with(more));
    ASSERT_TRUE(loaded) << more << message(loaded);
    EXPECT_EQ(loaded->warnings.size(), 1U) << more;
  }
}

TEST(Misplaced, ConsentCountsHereAsWell) {
  LoadOptions options;
  const std::string text = document_with(R"("security/policies":{"req":{}})");
  EXPECT_FALSE(load(text, options));
  options.allow_missing = {"security/policies"};
  const auto loaded = load(text, options);
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0][\"security/policies\"]"), HasSubstr("consent"));
}

}  // namespace
}  // namespace ropewalk::config
