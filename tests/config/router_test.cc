#include "config/extra/payload.h"
#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load;
using testing::message;
using testing::service;
using testing::warning_at;
using testing::with_extra;

Result<Loaded> router(std::string_view block) {
  return load(with_extra(R"({"router":)" + std::string(block) + "}"));
}

TEST(Router, DefaultTrustsForwardedHeadersOfTrustedPeers) {
  const auto loaded = load(R"({"version":3})");
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(service(*loaded).router().forwarded_by_client_ip());
  EXPECT_FALSE(service(*loaded).router().trusted_proxies_set());
}

TEST(Router, ReadsEveryOptionInAnyCase) {
  const auto loaded = router(R"({
    "Return_Error_Msg":true,"disable_health":true,"health_path":"live/:probe",
    "HIDE_VERSION_HEADER":true,"disable_redirect_trailing_slash":true,
    "disable_redirect_fixed_path":true,"disable_handle_method_not_allowed":true,
    "disable_path_decoding":true,"remove_extra_slash":true,"auto_options":true,
    "forwarded_by_client_ip":false,"remote_ip_headers":["X-A"],
    "trusted_proxies":["10.0.0.0/8","::1"],"disable_access_log":true,"logger_skip_paths":["/a"],
    "app_engine":true,"max_multipart_memory":1,"error_body":{"404":{"e":1.10},"405":false}})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(loaded->warnings, IsEmpty());
  const v1::Router& out = service(*loaded).router();
  EXPECT_TRUE(out.return_error_msg());
  EXPECT_TRUE(out.disable_health());
  EXPECT_EQ(out.health_path(), "/live/{probe}");
  EXPECT_TRUE(out.hide_version_header());
  EXPECT_TRUE(out.disable_redirect_trailing_slash());
  EXPECT_TRUE(out.disable_redirect_fixed_path());
  EXPECT_TRUE(out.disable_handle_method_not_allowed());
  EXPECT_TRUE(out.disable_path_decoding());
  EXPECT_TRUE(out.remove_extra_slash());
  EXPECT_TRUE(out.auto_options());
  EXPECT_FALSE(out.forwarded_by_client_ip());
  EXPECT_THAT(out.remote_ip_headers(), ElementsAre("X-A"));
  EXPECT_THAT(out.trusted_proxies(), ElementsAre("10.0.0.0/8", "::1"));
  EXPECT_TRUE(out.trusted_proxies_set());
  EXPECT_TRUE(out.disable_access_log());
  EXPECT_THAT(out.logger_skip_paths(), ElementsAre("/a"));
  EXPECT_TRUE(out.app_engine());
  EXPECT_EQ(out.error_body_404(), R"({"e":1.1})");
  EXPECT_EQ(out.error_body_405(), "false");
}

TEST(Router, OneWrongTypeDropsWhatKrakenDReadsTogether) {
  const auto loaded = router(R"({"hide_version_header":"true","return_error_msg":true,
    "health_path":"/alive","disable_path_decoding":true,"disable_redirect_trailing_slash":true,
    "auto_options":true,"trusted_proxies":["10.0.0.0/8"],"error_body":{"404":{"e":"x"}}})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "extra_config.router.hide_version_header"),
              HasSubstr("expected true or false, got \"true\""));
  const v1::Router& out = service(*loaded).router();
  EXPECT_FALSE(out.return_error_msg());
  EXPECT_FALSE(out.disable_redirect_trailing_slash());
  EXPECT_FALSE(out.auto_options());
  EXPECT_TRUE(out.forwarded_by_client_ip());
  EXPECT_EQ(out.health_path(), "/alive");
  EXPECT_TRUE(out.disable_path_decoding());
  EXPECT_EQ(out.error_body_404(), R"({"e":"x"})");
  // What protects is not dropped.
  EXPECT_THAT(out.trusted_proxies(), ElementsAre("10.0.0.0/8"));
}

TEST(Router, NullCountsAsAbsent) {
  const auto loaded = router(R"({"return_error_msg":null,"health_path":null,"error_body":null,
    "logger_skip_paths":null,"trusted_proxies":null})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(Router, EmptyTrustedProxiesAreTheSafeDefault) {
  const auto loaded = router(R"({"trusted_proxies":[]})");
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(service(*loaded).router().trusted_proxies_set());
}

TEST(Router, RefusesWrongTrustedProxies) {
  for (const char* list : {R"(["127.0.0.1","proxy.internal"])", R"(["10.0.0.0/33"])",
                           R"(["::/129"])", R"(["10.0.0.0/"])", R"(["300.1.1.1"])", R"([5])",
                           R"("10.0.0.0/8")", R"([""])", R"(["10.0.0.0/8x"])"})
    EXPECT_THAT(message(router(R"({"trusted_proxies":)" + std::string(list) + "}")),
                HasSubstr("extra_config.router.trusted_proxies"))
        << list;
}

TEST(Router, ErrorBodies) {
  const auto odd = router(R"({"error_body":"gone","return_error_msg":true})");
  ASSERT_TRUE(odd);
  EXPECT_TRUE(service(*odd).router().return_error_msg());
  EXPECT_THAT(warning_at(*odd, "extra_config.router.error_body"), HasSubstr("ignored"));
  const auto null = router(R"({"error_body":{"404":null,"405":[]}})");
  ASSERT_TRUE(null);
  EXPECT_EQ(service(*null).router().error_body_404(), "");
  EXPECT_EQ(service(*null).router().error_body_405(), "[]");
}

TEST(Router, PaidOptions) {
  const auto off = load(
      R"({"version":3,"use_h2c":false,"extra_config":{"router":{"disable_gzip":false,"base_path":""}}})");
  ASSERT_TRUE(off) << message(off);
  EXPECT_TRUE(off->warnings.empty());
  const auto loaded = router(R"({"disable_gzip":true,"use_h2c":true})");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->warnings.size(), 2U);
}

TEST(Router, AMaxPayloadCountsWhateverElseIsWrong) {
  for (const char* block : {R"({"max_payload":1048576})", R"({"max_payload":1048576.0})",
                            R"({"MAX_PAYLOAD":1048576,"return_error_msg":"yes"})"}) {
    const auto loaded = router(block);
    ASSERT_TRUE(loaded) << message(loaded);
    const auto& extra = service(*loaded).extra_config();
    ASSERT_TRUE(extra.contains("router")) << block;
    EXPECT_EQ(parse_payload(extra.at("router")), 1048576U) << block;
  }
  EXPECT_FALSE(service(*router(R"({"max_payload":0})")).extra_config().contains("router"));
  for (const char* value : {"-1", "1.5", "\"5\"", "true", "[5]", "1e300"})
    EXPECT_THAT(message(router(R"({"max_payload":)" + std::string(value) + "}")),
                HasSubstr("extra_config.router.max_payload: expected a number of bytes"))
        << value;
}

TEST(Router, APayloadThatTravelledWrongIsRefused) {
  for (const char* text : {"", "{}", "5", R"({"max_payload":-1})", R"({"max_payload":1,"x":2})"})
    EXPECT_FALSE(parse_payload(text)) << text;
}

TEST(Router, ABlockOfAnotherTypeIsIgnoredWithAWarning) {
  const auto loaded = router("5");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST(Router, HealthPathMustNotHideAnEndpoint) {
  EXPECT_THAT(message(load(R"({"version":3,"extra_config":{"router":{"health_path":"/orders"}},
    "endpoints":[{"endpoint":"/orders","backend":[{}]}]})")),
              HasSubstr("GET /orders is given already in extra_config.router.health_path"));
  EXPECT_TRUE(load(R"({"version":3,
    "extra_config":{"router":{"health_path":"/orders","disable_health":true}},
    "endpoints":[{"endpoint":"/orders","backend":[{}]}]})"));
}

}  // namespace
}  // namespace ropewalk::config
