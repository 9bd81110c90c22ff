// telemetry/*: what is read, what is a warning.
#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using testing::load;
using testing::service;
using testing::warning_at;
using testing::with_extra;

TEST(Logging, WhatCannotBeUsedIsAWarning) {
  const auto loaded = load(with_extra(
      R"({"telemetry/logging":{"level":"debug","prefix":"[x]","stdout":true,"syslog":true,)"
      R"("syslog_facility":"local3","format":"custom","custom_format":"%{message}",)"
      R"("access_log_format":"httpdCommon"}})"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(service(*loaded).extra_config().at("telemetry/logging"),
            R"({"access_log_format":"httpdCommon","custom_format":"%{message}","format":"custom",)"
            R"("level":"DEBUG","prefix":"[x]","stdout":true,"syslog":true,)"
            R"("syslog_facility":"local3"})");
  const auto odd = load(with_extra(
      R"({"telemetry/logging":{"level":"loud","stdout":"yes","syslog_facility":"local9",)"
      R"("format":"custom","access_log_format":"clf","custom_format":"%{time"}})"));
  ASSERT_TRUE(odd);
  EXPECT_FALSE(service(*odd).extra_config().contains("telemetry/logging"));
  for (const char* key :
       {"level", "stdout", "syslog_facility", "format", "access_log_format", "custom_format"})
    EXPECT_THAT(warning_at(*odd, "extra_config[\"telemetry/logging\"]." + std::string(key)),
                HasSubstr("ignored"))
        << key;
}

TEST(Logging, VariablesThatNobodyKnowsAreNamed) {
  const auto loaded = load(with_extra(
      R"({"telemetry/logging":{"format":"custom","custom_format":"%{mesage}%{level}",)"
      R"("access_log_format":"custom","access_log_custom_format":"%{time:15:04} %{status}"}})"));
  ASSERT_TRUE(loaded);
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"telemetry/logging\"].custom_format"),
              HasSubstr("%{mesage} is without effect"));
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"telemetry/logging\"].access_log_custom_format"),
              HasSubstr("%{status} is without effect"));
}

TEST(Metrics, TheAddressTravels) {
  const auto loaded = load(
      with_extra(R"({"telemetry/metrics":{"collection_time":"60s","listen_address":":1","odd":1,)"
                 R"("router_disabled":true,"proxy_disabled":false}})"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(service(*loaded).extra_config().at("telemetry/metrics"),
            R"({"listen_address":":1","router_disabled":true})");
  EXPECT_THAT(warning_at(*loaded, "extra_config[\"telemetry/metrics\"].odd"), HasSubstr("unknown"));
  const auto plain = load(with_extra(R"({"telemetry/metrics":{}})"));
  ASSERT_TRUE(plain);
  EXPECT_EQ(service(*plain).extra_config().at("telemetry/metrics"),
            R"({"listen_address":":8090"})");
  const auto off = load(with_extra(R"({"telemetry/metrics":{"endpoint_disabled":true}})"));
  ASSERT_TRUE(off);
  EXPECT_FALSE(service(*off).extra_config().contains("telemetry/metrics"));
}

TEST(OpenTelemetry, DefaultsAreFilledInAndWithoutExporterThereIsNothing) {
  const auto loaded =
      load(with_extra(R"({"telemetry/opentelemetry":{"trace_sample_rate":0.5,"exporters":{)"
                      R"("otlp":[{"host":"c","use_http":true},{"port":1}],)"
                      R"("prometheus":[{"process_metrics":true},{"disable_metrics":true}]},)"
                      R"("layers":{"backend":{"traces":{"disable_stage":true}}}}})"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(
      service(*loaded).extra_config().at("telemetry/opentelemetry"),
      R"({"backend":{"disable_metrics":false,"disable_traces":true},"deploy_env":"",)"
      R"("global":{"disable_metrics":false,"disable_propagation":false,"disable_traces":false},)"
      R"("metric_reporting_period":30,"otlp":[{"disable_metrics":false,"disable_traces":false,)"
      R"("host":"c","name":"","period":0,"port":4318,"use_http":true}],)"
      R"("prometheus":[{"listen_ip":"","name":"","port":9090,"process_metrics":true}],)"
      R"("proxy":{"disable_metrics":false,"disable_propagation":false,"disable_traces":false},)"
      R"("service_name":"","service_version":"","trace_sample_rate":0.5})");
  EXPECT_THAT(
      warning_at(*loaded, "extra_config[\"telemetry/opentelemetry\"].exporters.otlp[1].host"),
      HasSubstr("without a host"));
  const auto none = load(with_extra(R"({"telemetry/opentelemetry":{}})"));
  ASSERT_TRUE(none);
  EXPECT_FALSE(service(*none).extra_config().contains("telemetry/opentelemetry"));
}

}  // namespace
}  // namespace ropewalk::config
