#include "config/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kMinimal = R"({"endpoint":"/orders","backend":[{"url_pattern":"/o"}]})";

Defaults with_host() {
  Defaults defaults;
  auto& host = defaults.hosts.emplace_back();
  host.set_address("127.0.0.1");
  host.set_port(8081);
  return defaults;
}

Result<ParsedEndpoint> parse(std::string_view text, const Defaults& defaults,
                             std::vector<Warning>& warnings) {
  return parse_endpoint(json::parse(text), defaults, "endpoints[0]", warnings);
}

// All warnings but those of `warned`, a path, are failures.
ParsedEndpoint accepted(std::string_view text, const Defaults& defaults = with_host(),
                        std::string_view warned = {}) {
  std::vector<Warning> warnings;
  auto parsed = parse(text, defaults, warnings);
  EXPECT_TRUE(parsed) << parsed.error().message;
  for (const Warning& warning : warnings)
    if (warning.path != warned)
      ADD_FAILURE() << "unexpected warning " << warning.path << ": " << warning.message;
  return parsed ? std::move(*parsed) : ParsedEndpoint();
}

std::string refused(std::string_view text, const Defaults& defaults = with_host()) {
  std::vector<Warning> warnings;
  const auto parsed = parse(text, defaults, warnings);
  return parsed ? "(accepted)" : parsed.error().message;
}

TEST(ParseEndpoint, InheritsWhatItDoesNotSay) {
  Defaults defaults = with_host();
  defaults.timeout_ns = 7;
  defaults.cache_ttl_ns = 8;
  defaults.output_encoding = "string";
  const ParsedEndpoint parsed = accepted(kMinimal, defaults);
  EXPECT_EQ(parsed.endpoint.method(), "GET");
  EXPECT_EQ(parsed.endpoint.path(), "/orders");
  EXPECT_EQ(parsed.endpoint.timeout_ns(), 7);
  EXPECT_EQ(parsed.endpoint.cache_ttl_ns(), 8);
  EXPECT_EQ(parsed.endpoint.output_encoding(), v1::ENCODING_STRING);
  EXPECT_EQ(parsed.endpoint.concurrent_calls(), 1U);
  EXPECT_TRUE(parsed.routable);
  ASSERT_EQ(parsed.backends.size(), 1U);
  EXPECT_EQ(parsed.backends[0].backend.method(), "GET");
  EXPECT_EQ(parsed.backends[0].backend.url_pattern(), "/o");
  EXPECT_EQ(parsed.backends[0].backend.encoding(), v1::ENCODING_JSON);
  ASSERT_EQ(parsed.backends[0].hosts.size(), 1U);
  EXPECT_EQ(parsed.backends[0].hosts[0].port(), 8081U);
  EXPECT_EQ(parsed.backends[0].path, "endpoints[0].backend[0]");
}

TEST(ParseEndpoint, ReadsItsOwnValuesInAnyKeyCase) {
  const ParsedEndpoint parsed = accepted(R"({
    "Endpoint": "/users/{id}", "METHOD": "post", "timeout": "1m30s", "cache_ttl": "60s",
    "output_encoding": "json-collection", "input_headers": ["X-Trace", "*"],
    "input_query_strings": "page", "concurrent_calls": "3", "@comment": 1, "_x": 2, "#y": 3,
    "$z": 4,
    "backend": {"url_pattern": "users/{id}", "Method": "put"}})");
  EXPECT_EQ(parsed.endpoint.method(), "POST");
  EXPECT_EQ(parsed.endpoint.timeout_ns(), 90'000'000'000);
  EXPECT_EQ(parsed.endpoint.cache_ttl_ns(), 60'000'000'000);
  EXPECT_EQ(parsed.endpoint.output_encoding(), v1::ENCODING_JSON_COLLECTION);
  EXPECT_THAT(parsed.endpoint.input_headers(), ElementsAre("X-Trace", "*"));
  EXPECT_THAT(parsed.endpoint.input_query_strings(), ElementsAre("page"));
  EXPECT_EQ(parsed.endpoint.concurrent_calls(), 3U);
  EXPECT_EQ(parsed.backends.at(0).backend.method(), "PUT");
  EXPECT_EQ(parsed.backends.at(0).backend.url_pattern(), "/users/{id}");
}

TEST(ParseEndpoint, NegativeTimesStayAndZeroInherits) {
  Defaults defaults = with_host();
  defaults.timeout_ns = 7;
  const ParsedEndpoint negative = accepted(
      R"({"endpoint":"/x","timeout":"-1s","cache_ttl":"-60s","concurrent_calls":-3,
          "backend":[{}]})",
      defaults, "endpoints[0].timeout");
  EXPECT_EQ(negative.endpoint.timeout_ns(), -1'000'000'000);
  EXPECT_EQ(negative.endpoint.cache_ttl_ns(), -60'000'000'000);
  EXPECT_EQ(negative.endpoint.concurrent_calls(), 1U);
  EXPECT_EQ(accepted(R"({"endpoint":"/x","timeout":"0s","backend":[{}]})", defaults)
                .endpoint.timeout_ns(),
            7);
  EXPECT_EQ(accepted(R"({"endpoint":"/x","timeout":200,"backend":[{}]})", defaults,
                     "endpoints[0].timeout")
                .endpoint.timeout_ns(),
            200);
}

TEST(ParseEndpoint, NoOpForcesItsBackend) {
  const ParsedEndpoint parsed =
      accepted(R"({"endpoint":"/raw","output_encoding":"no-op","backend":[{"encoding":"json"}]})");
  EXPECT_EQ(parsed.endpoint.output_encoding(), v1::ENCODING_NO_OP);
  EXPECT_EQ(parsed.backends.at(0).backend.encoding(), v1::ENCODING_NO_OP);
  Defaults defaults = with_host();
  defaults.output_encoding = "no-op";
  EXPECT_THAT(refused(R"({"endpoint":"/x","backend":[{},{}]})", defaults),
              HasSubstr("endpoints[0].backend: no-op takes exactly one backend, got 2"));
}

TEST(ParseEndpoint, UnknownOutputEncodingTakesTheBackendsOwn) {
  struct Row {
    const char* backends;
    v1::Encoding output;
  };
  const Row table[] = {
      {R"([{"encoding":"string"}])", v1::ENCODING_STRING},
      {R"([{"encoding":"no-op"}])", v1::ENCODING_NO_OP},
      {R"([{"encoding":"safejson"}])", v1::ENCODING_JSON},
      {R"([{}])", v1::ENCODING_JSON},
      {R"([{"encoding":"string"},{}])", v1::ENCODING_JSON},
  };
  for (const Row& row : table) {
    std::vector<Warning> warnings;
    const auto parsed = parse(
        R"({"endpoint":"/x","output_encoding":"csv","backend":)" + std::string(row.backends) + "}",
        with_host(), warnings);
    ASSERT_TRUE(parsed) << row.backends;
    EXPECT_EQ(parsed->endpoint.output_encoding(), row.output) << row.backends;
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0].path, "endpoints[0].output_encoding");
  }
}

TEST(ParseEndpoint, LeavesOutMethodsThatKrakenDDoesNotRoute) {
  for (const char* method : {"HEAD", "OPTIONS", "TRACE", "ANY", "BREW"}) {
    std::vector<Warning> warnings;
    const auto parsed =
        parse(R"({"endpoint":"/x","backend":[{}],"method":")" + std::string(method) + "\"}",
              with_host(), warnings);
    ASSERT_TRUE(parsed) << method;
    EXPECT_FALSE(parsed->routable) << method;
    ASSERT_EQ(warnings.size(), 1U) << method;
    EXPECT_EQ(warnings[0].path, "endpoints[0].method");
  }
  EXPECT_EQ(accepted(R"({"endpoint":"/x","method":"","backend":[{}]})").endpoint.method(), "GET");
}

TEST(ParseEndpoint, RefusesWithPathAndExpectation) {
  const std::pair<const char*, const char*> table[] = {
      {R"([])", "endpoints[0]: expected an object, got a list"},
      {R"({"endpoint":"/x"})", "endpoints[0].backend: expected at least one backend"},
      {R"({"endpoint":"/x","backend":[]})", "endpoints[0].backend: expected at least one backend"},
      {R"({"endpoint":"/x","backend":[null]})",
       "endpoints[0].backend[0]: expected an object, got null"},
      {R"({"endpoint":"/x","backend":"b"})", "endpoints[0].backend: expected an object, got \"b\""},
      {R"({"endpoint":["/x"],"backend":[{}]})",
       "endpoints[0].endpoint: expected a text, got a list"},
      {R"({"endpoint":"/__debug","backend":[{}]})", "endpoints[0].endpoint: /__debug"},
      {R"({"endpoint":"/x","timeout":"fast","backend":[{}]})",
       "endpoints[0].timeout: expected a duration such as 300ms or 1m30s, got \"fast\""},
      {R"({"endpoint":"/x","cache_ttl":"1d","backend":[{}]})", "endpoints[0].cache_ttl: "},
      {R"({"endpoint":"/x","concurrent_calls":2147483647,"backend":[{}]})",
       "endpoints[0].concurrent_calls: expected at most 100 equal calls for one request"},
      {R"({"endpoint":"/x","concurrent_calls":"two","backend":[{}]})",
       "endpoints[0].concurrent_calls: expected a number, got \"two\""},
      {R"({"endpoint":"/x","input_headers":[{}],"backend":[{}]})",
       "endpoints[0].input_headers[0]: expected a text, got an object"},
      {R"({"endpoint":"/x","backend":[{},{"url_pattern":"/{id}"}]})",
       "endpoints[0].backend[1].url_pattern: {id} is not a parameter of the endpoint"},
      {R"({"endpoint":"/file-{id}","backend":[{"url_pattern":"/{id}"}]})",
       "endpoints[0].backend[0].url_pattern: {id}"},
  };
  for (const auto& [text, expected] : table) EXPECT_THAT(refused(text), HasSubstr(expected));
}

TEST(ParseEndpoint, DisableRestAllowsParametersAfterText) {
  Defaults defaults = with_host();
  defaults.disable_rest = true;
  const ParsedEndpoint parsed =
      accepted(R"({"endpoint":"/file-{id}","backend":[{"url_pattern":"/{id}"}]})", defaults);
  EXPECT_EQ(parsed.endpoint.path(), "/file-:id");
}

TEST(ParseEndpoint, WarnsOncePerUnknownKey) {
  std::vector<Warning> warnings;
  const auto parsed = parse(R"({"endpoint":"/x","timeouts":"1s","zzz":1,"backend":[{
      "url_patern":"/x","timeout":"9s","concurrent_calls":2}]})",
                            with_host(), warnings);
  ASSERT_TRUE(parsed) << parsed.error().message;
  std::vector<std::string> said;
  for (const Warning& warning : warnings) said.push_back(warning.path + " " + warning.message);
  EXPECT_THAT(said,
              ::testing::UnorderedElementsAre(
                  "endpoints[0].timeouts unknown key (did you mean timeout?)",
                  "endpoints[0].zzz unknown key",
                  "endpoints[0].backend[0].url_patern unknown key (did you mean url_pattern?)",
                  "endpoints[0].backend[0].timeout ignored: always copied from the endpoint",
                  "endpoints[0].backend[0].concurrent_calls ignored: always copied from the "
                  "endpoint"));
}

TEST(ParseEndpoint, ForTheControllerHostsAreRefusedAndBackendsOptional) {
  Defaults defaults;
  defaults.host_rule = HostRule::refuse;
  defaults.backend_rule = BackendRule::optional;
  defaults.callers_keys = {"name", "hostnames"};
  const ParsedEndpoint parsed =
      accepted(R"({"name":"a","hostnames":["x"],"endpoint":"/x"})", defaults);
  EXPECT_THAT(parsed.backends, IsEmpty());
  EXPECT_THAT(accepted(kMinimal, defaults).backends.at(0).hosts, IsEmpty());
  EXPECT_FALSE(accepted(kMinimal, defaults).backends.at(0).backend.leaves_host_set());
  EXPECT_TRUE(accepted(kMinimal).backends.at(0).backend.leaves_host_set());
  EXPECT_THAT(refused(R"({"endpoint":"/x","backend":[{"host":["http://a"]}]})", defaults),
              HasSubstr("endpoints[0].backend[0].host: hosts come from Services"));
}

TEST(ParseBackend, StandsAlone) {
  BackendDefaults defaults;
  defaults.method = "POST";
  defaults.parameters = {"id"};
  std::vector<Warning> warnings;
  const auto parsed = parse_backend(json::parse(R"({"url_pattern":"/offers/{id}","group":"o"})"),
                                    defaults, "entries[2].backend[0]", warnings);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->backend.method(), "POST");
  EXPECT_EQ(parsed->backend.group(), "o");
  const auto bad = parse_backend(json::parse(R"({"url_pattern":"/offers/{sku}"})"), defaults,
                                 "entries[2].backend[0]", warnings);
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("entries[2].backend[0].url_pattern: {sku}"));
  EXPECT_THAT(warnings, IsEmpty());
}

}  // namespace
}  // namespace ropewalk::config
