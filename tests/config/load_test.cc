// Whole documents: versions, root keys, environment, names and hashes of resources.
#include "config/hash.h"
#include "helpers.h"

#include <gmock/gmock.h>

#include <set>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using testing::find;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load;
using testing::message;
using testing::service;
using testing::warning_at;
using testing::with_endpoint;

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Load, VersionIsThree) {
  for (const char* version : {"3", "\"3\"", "3.9", "\"0b11\""})
    EXPECT_TRUE(load(R"({"version":)" + std::string(version) + "}")) << version;
  const std::pair<const char*, const char*> table[] = {
      {R"({"version":2})", "krakend.json:1:2: version: unsupported version: 2 (want: 3)"},
      {R"({})", "unsupported version: 0 (want: 3)"},
      {R"({"version":null})", "unsupported version: 0"},
      {R"({"version":"3.0"})", "version: expected a number, got \"3.0\""},
      {R"([])", "krakend.json: expected an object, got a list"},
      {R"(5)", "krakend.json: expected an object, got 5"},
  };
  for (const auto& [text, expected] : table)
    EXPECT_THAT(message(load(text)), HasSubstr(expected)) << text;
}

TEST(Load, RootDefaults) {
  const auto loaded = load(R"({"version":3})");
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings, IsEmpty());
  ASSERT_EQ(loaded->resources.size(), 1U);
  const v1::Service& out = service(*loaded);
  EXPECT_EQ(out.port(), 0U);
  EXPECT_EQ(out.timeout_ns(), 2 * kSecond);
  EXPECT_FALSE(out.has_tls());
  EXPECT_FALSE(out.has_client_tls());
  EXPECT_FALSE(out.debug_endpoint());
}

TEST(Load, RootKeys) {
  const auto loaded =
      load(R"({"Version":3,"name":"shop","PORT":"8090","listen_ip":"::ffff:127.0.0.1",
    "timeout":"3s","read_timeout":"1s","write_timeout":"2s","idle_timeout":"3s",
    "read_header_timeout":"-1s","max_header_bytes":"1_000","max_shutdown_wait_time":"4s",
    "debug_endpoint":"true","echo_endpoint":1,"max_idle_connections":5,
    "max_idle_connections_per_host":6,"idle_connection_timeout":"5s",
    "response_header_timeout":"6s","dialer_timeout":"7s","dialer_keep_alive":"8s",
    "dialer_fallback_delay":"9s","disable_keep_alives":true,"disable_compression":true,
    "dns_cache_ttl":"10s","expect_continue_timeout":"1s","$schema":"x","@c":1})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_EQ(loaded->warnings.size(), 1U);
  for (const Warning& warning : loaded->warnings)
    EXPECT_THAT(warning.message, HasSubstr("no effect")) << warning.path;
  const v1::Service& out = service(*loaded);
  EXPECT_EQ(out.name(), "shop");
  EXPECT_EQ(out.port(), 8090U);
  EXPECT_EQ(out.listen_ip(), "::ffff:127.0.0.1");
  EXPECT_EQ(out.timeout_ns(), 3 * kSecond);
  EXPECT_EQ(out.read_timeout_ns(), 1 * kSecond);
  EXPECT_EQ(out.write_timeout_ns(), 2 * kSecond);
  EXPECT_EQ(out.idle_timeout_ns(), 3 * kSecond);
  EXPECT_EQ(out.read_header_timeout_ns(), 0);
  EXPECT_EQ(out.max_header_bytes(), 1000U);
  EXPECT_EQ(out.max_shutdown_wait_ns(), 4 * kSecond);
  EXPECT_TRUE(out.debug_endpoint());
  EXPECT_TRUE(out.echo_endpoint());
  const v1::Transport& transport = out.transport();
  EXPECT_EQ(transport.max_idle_connections(), 5U);
  EXPECT_EQ(transport.max_idle_connections_per_host(), 6U);
  EXPECT_EQ(transport.idle_connection_timeout_ns(), 5 * kSecond);
  EXPECT_EQ(transport.response_header_timeout_ns(), 6 * kSecond);
  EXPECT_EQ(transport.dialer_timeout_ns(), 7 * kSecond);
  EXPECT_EQ(transport.dialer_keep_alive_ns(), 8 * kSecond);
  EXPECT_EQ(transport.dialer_fallback_delay_ns(), 9 * kSecond);
  EXPECT_TRUE(transport.disable_keep_alives());
  EXPECT_TRUE(transport.disable_compression());
  EXPECT_EQ(transport.dns_cache_ttl_ns(), 10 * kSecond);
}

TEST(Load, RefusesBadRootValues) {
  const std::pair<const char*, const char*> table[] = {
      {R"("port":"http")", "port: expected a number, got \"http\""},
      {R"("port":-1)", "port: expected a number from 0 to 65535"},
      {R"("port":80800)", "port: expected a number from 0 to 65535"},
      {R"("timeout":"")", "timeout: expected a duration"},
      {R"("listen_ip":"localhost")", "listen_ip: expected an IPv4 or IPv6 address"},
      {R"("listen_ip":"[::1]")", "listen_ip: "},
      {R"("listen_ip":"127.0.0.01")", "listen_ip: "},
      {R"("debug_endpoint":"yes")", "debug_endpoint: expected true or false"},
      {R"("endpoints":"/orders")", "endpoints: expected an object"},
      {R"("endpoints":[5])", "endpoints[0]: expected an object"},
      {R"("host":["http://a/b"])", "host[0]: expected [http(s)://]name[:port]"},
      {R"("name":{})", "name: expected a text"},
      {R"("use_h2c":"x")", "use_h2c: expected true or false"},
      {R"("sequential_start":[])", "sequential_start: expected true or false"},
      {R"("plugin":5)", "plugin: expected an object"},
      {R"("plugin":[])", "plugin: expected an object"},
      {R"("plugin":{"folder":{}})", "plugin.folder: expected a text"},
      {R"("max_idle_connections":"x")", "max_idle_connections: expected a number"},
  };
  for (const auto& [key, expected] : table)
    EXPECT_THAT(message(load(R"({"version":3,)" + std::string(key) + "}")),
                ::testing::AllOf(::testing::StartsWith("krakend.json:1:"),
                                 HasSubstr(": " + std::string(expected))))
        << key;
}

TEST(Load, CountsOutOfRangeAreCut) {
  const auto loaded = load(
      R"({"version":3,"max_idle_connections":1e15,"max_header_bytes":-7,
          "max_idle_connections_per_host":4294967296})");
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::Service& service = loaded->resources[0].service();
  EXPECT_EQ(service.transport().max_idle_connections(), 2147483647U);
  EXPECT_EQ(service.transport().max_idle_connections_per_host(), 2147483647U);
  EXPECT_EQ(service.max_header_bytes(), 0U);
}

TEST(Load, APortThatDoesNotExistIsNoHost) {
  const auto loaded = load(R"({"version":3,"host":["http://shop:99999","http://shop:81"]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_NE(testing::warning_at(*loaded, "host[0]"), "");
}

TEST(Load, AHostThatIsReadInPartIsSaid) {
  const auto loaded = load(
      R"({"version":3,"host":["${SHOP}"],"endpoints":[{"endpoint":"/a","backend":[
          {"url_pattern":"/b","host":["$OFFERS"]},
          {"url_pattern":"/c","host":["http://$X:81"],"disable_host_sanitize":true}]}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "host[0]"), ::testing::HasSubstr("read as http://SHOP:80"));
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[0].host[0]"),
              ::testing::HasSubstr("read as http://OFFERS:80"));
  EXPECT_EQ(loaded->warnings.size(), 2U);
}

TEST(Load, WarnsAboutUnknownRootKeys) {
  const auto loaded = load(R"({"version":3,"hosts":["http://a"],"read_timeouts":"1s","zzzzzz":1})");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(warning_at(*loaded, "hosts"), "unknown key (did you mean host?)");
  EXPECT_EQ(warning_at(*loaded, "read_timeouts"), "unknown key (did you mean read_timeout?)");
  EXPECT_EQ(warning_at(*loaded, "zzzzzz"), "unknown key");
  EXPECT_EQ(loaded->warnings.size(), 3U);
}

TEST(Load, ResourcesAreNamedByIdentity) {
  const auto loaded = load(R"({"version":3,"host":["http://127.0.0.1:9001"],"endpoints":[
    {"endpoint":"/v1/users/{id}","method":"post","backend":[
      {"url_pattern":"/a/{id}"},{"url_pattern":"/b","host":["https://127.0.0.1:9002"]}]},
    {"endpoint":"/v1/other","backend":[{"url_pattern":"/a"}]}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  std::set<std::string> names;
  for (const v1::Resource& resource : loaded->resources) {
    EXPECT_TRUE(names.insert(resource.name()).second) << resource.name();
    EXPECT_EQ(resource.hash(), content_hash(resource)) << resource.name();
    ASSERT_EQ(resource.origins_size(), 1);
    EXPECT_EQ(resource.origins(0).kind(), "File");
    EXPECT_EQ(resource.origins(0).name(), "krakend.json");
  }
  EXPECT_THAT(names, ElementsAre("backend/* GET /v1/other#b0", "backend/* POST /v1/users/{}#b0",
                                 "backend/* POST /v1/users/{}#b1", "endpoint/* GET /v1/other",
                                 "endpoint/* POST /v1/users/{}", "hosts/http://127.0.0.1:9001",
                                 "hosts/https://127.0.0.1:9002", "service"));
  EXPECT_THAT(find(*loaded, "endpoint/* POST /v1/users/{}")->endpoint().backends(),
              ElementsAre("backend/* POST /v1/users/{}#b0", "backend/* POST /v1/users/{}#b1"));
}

TEST(Load, HashFollowsTheContentOnly) {
  const std::string text = with_endpoint(R"({"endpoint":"/x","backend":[{"url_pattern":"/a"}]})");
  const std::string other = with_endpoint(R"({"endpoint":"/x","backend":[{"url_pattern":"/b"}]})");
  const auto first = load(text);
  const auto again = load_text(text, Syntax::json, "elsewhere.json", {});
  const auto changed = load(other);
  ASSERT_TRUE(first && again && changed);
  const char* backend = "backend/* GET /x#b0";
  EXPECT_EQ(find(*first, backend)->hash(), find(*again, backend)->hash());
  EXPECT_NE(find(*first, backend)->hash(), find(*changed, backend)->hash());
  EXPECT_EQ(find(*first, "endpoint/* GET /x")->hash(), find(*changed, "endpoint/* GET /x")->hash());
}

TEST(Load, RootValuesCascade) {
  const auto loaded = load(R"({"version":3,"host":["a:81"],"timeout":"5s","cache_ttl":"60s",
    "output_encoding":"string","disable_rest":"T","endpoints":[
      {"endpoint":"/a-{id}","backend":[{}]},
      {"endpoint":"/b","timeout":"1s","cache_ttl":"2s","output_encoding":"json","backend":[{}]}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  const auto& inherited = find(*loaded, "endpoint/* GET /a-{}")->endpoint();
  EXPECT_EQ(inherited.timeout_ns(), 5 * kSecond);
  EXPECT_EQ(inherited.cache_ttl_ns(), 60 * kSecond);
  EXPECT_EQ(inherited.output_encoding(), v1::ENCODING_STRING);
  const auto& own = find(*loaded, "endpoint/* GET /b")->endpoint();
  EXPECT_EQ(own.timeout_ns(), 1 * kSecond);
  EXPECT_EQ(own.cache_ttl_ns(), 2 * kSecond);
  EXPECT_EQ(own.output_encoding(), v1::ENCODING_JSON);
}

TEST(Load, EndpointsMayBeMissingEmptyOrOneObject) {
  EXPECT_TRUE(load(R"({"version":3,"endpoints":[]})"));
  EXPECT_TRUE(load(R"({"version":3,"endpoints":null})"));
  const auto one =
      load(R"({"version":3,"host":"a:81","endpoints":{"endpoint":42,"backend":{"group":"g"}}})");
  ASSERT_TRUE(one) << message(one);
  EXPECT_NE(find(*one, "endpoint/* GET /42"), nullptr);
}

TEST(Load, ConflictingRoutesAreRefused) {
  const std::pair<const char*, const char*> table[] = {
      {R"([{"endpoint":"/a","backend":[{}]},{"endpoint":"/a","method":"get","backend":[{}]}])",
       "endpoints[1].endpoint: the route GET /a is given already in endpoints[0]"},
      {R"([{"endpoint":"/u/{id}/o","backend":[{}]},{"endpoint":"/u/{name}/b","backend":[{}]}])",
       "endpoints[1].endpoint: the parameter after /u/ is called {name} here and {id}"},
      {R"([{"endpoint":"/o:cancel","backend":[{}]},{"endpoint":"/o:approve","backend":[{}]}])",
       "endpoints[1].endpoint: the parameter after /o"},
  };
  for (const auto& [endpoints, expected] : table)
    EXPECT_THAT(message(load(R"({"version":3,"endpoints":)" + std::string(endpoints) + "}")),
                HasSubstr(expected));
}

TEST(Load, EndpointsOfOtherMethodsAreCheckedAndLeftOut) {
  const auto loaded = load(with_endpoint(R"({"endpoint":"/x","method":"HEAD","backend":[{}]})"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->resources.size(), 1U);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].method"), HasSubstr("left out"));
  EXPECT_FALSE(load(with_endpoint(R"({"endpoint":"/x","method":"HEAD"})")));
}

TEST(Load, NoHostStartsWithOneWarningPerBackend) {
  const auto loaded =
      load(R"({"version":3,"endpoints":[{"endpoint":"/x","backend":[{"url_pattern":"/a"}]}]})");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->warnings.size(), 1U);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[0]"), HasSubstr("no host"));
  const auto* hosts = find(*loaded, "hosts/none");
  ASSERT_NE(hosts, nullptr);
  EXPECT_TRUE(hosts->has_host_set());
  EXPECT_EQ(hosts->host_set().hosts_size(), 0);
}

TEST(Load, VariablesOverrideRootKeys) {
  LoadOptions options;
  options.environment = {{"KRAKEND_PORT", "0x1F90"},
                         {"KRAKEND_VERSION", "3"},
                         {"KRAKEND_HOST", "127.0.0.1:8081/"},
                         {"KRAKEND_TIMEOUT", "300ms"},
                         {"KRAKEND_EXTRA_CONFIG.ROUTER.HEALTH_PATH", "/alive"},
                         {"KRAKEND_PROT", "80"},
                         {"KRAKEND_UNKNOWN", "x"}};
  const auto loaded = load(R"({"version":2,"host":["http://a/b"],"port":1})", options);
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_EQ(service(*loaded).port(), 8080U);
  EXPECT_EQ(service(*loaded).timeout_ns(), 300'000'000);
  EXPECT_EQ(service(*loaded).router().health_path(), "/alive");
  EXPECT_EQ(loaded->warnings.size(), 2U);
  EXPECT_EQ(warning_at(*loaded, "KRAKEND_PROT"), "unknown key (did you mean port?)");
  EXPECT_EQ(warning_at(*loaded, "KRAKEND_UNKNOWN"), "unknown key");
}

TEST(Load, RefusedVariablesAreNamed) {
  const std::pair<const char*, const char*> table[] = {
      {"KRAKEND_PORT", "tcp://10.0.0.1:8080"},
      {"KRAKEND_TIMEOUT", ""},
      {"KRAKEND_ENDPOINTS", "[]"},
      {"KRAKEND_EXTRA_CONFIG", "{}"},
      {"KRAKEND_HOST", "http://a:81,http://b:81"},
      {"KRAKEND_TLS.KEYS", "x"},
  };
  for (const auto& [name, value] : table) {
    LoadOptions options;
    options.environment = {{name, value}};
    EXPECT_THAT(message(load(R"({"version":3})", options)),
                ::testing::EndsWith("(set by " + std::string(name) + ")"));
  }
}

TEST(Load, DebugFlagOpensTheDebugEndpoint) {
  LoadOptions options;
  options.debug = true;
  const auto loaded = load(R"({"version":3})", options);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(service(*loaded).debug_endpoint());
  EXPECT_FALSE(service(*loaded).echo_endpoint());
}

TEST(Load, YamlIsTheSameDocument) {
  const auto yaml = load_text(
      "version: 3.0\nport: 0x1F90\nhost: http://127.0.0.1:8081\ncache_ttl: 90s\nendpoints:\n"
      "  endpoint: >-\n    /orders\n  input_query_strings: page\n  backend:\n"
      "    url_pattern: |-\n      /orders\n    allow: id\n",
      Syntax::yaml, "k.yaml", {});
  const auto json = load(R"({"version":3,"port":8080,"host":"http://127.0.0.1:8081",
    "cache_ttl":"90s","endpoints":[{"endpoint":"/orders","input_query_strings":["page"],
    "backend":[{"url_pattern":"/orders","allow":["id"]}]}]})");
  ASSERT_TRUE(yaml) << message(yaml);
  ASSERT_TRUE(json) << message(json);
  ASSERT_EQ(yaml->resources.size(), json->resources.size());
  for (std::size_t i = 0; i < yaml->resources.size(); ++i)
    EXPECT_EQ(yaml->resources[i].hash(), json->resources[i].hash()) << yaml->resources[i].name();
}

TEST(Load, TomlIsTheSameDocument) {
  const auto toml = load_text(
      "version = 3\nport = 8080\nhost = [\"http://127.0.0.1:8081\"]\ncache_ttl = \"90s\"\n"
      "[[endpoints]]\nendpoint = \"/orders\"\ninput_query_strings = [\"page\"]\n"
      "[[endpoints.backend]]\nurl_pattern = \"/orders\"\nallow = [\"id\"]\n",
      Syntax::toml, "k.toml", {});
  const auto json = load(R"({"version":3,"port":8080,"host":"http://127.0.0.1:8081",
    "cache_ttl":"90s","endpoints":[{"endpoint":"/orders","input_query_strings":["page"],
    "backend":[{"url_pattern":"/orders","allow":["id"]}]}]})");
  ASSERT_TRUE(toml) << message(toml);
  ASSERT_TRUE(json) << message(json);
  ASSERT_EQ(toml->resources.size(), json->resources.size());
  for (std::size_t i = 0; i < toml->resources.size(); ++i)
    EXPECT_EQ(toml->resources[i].hash(), json->resources[i].hash()) << toml->resources[i].name();
}

TEST(Load, MistakesInTomlNameTheirPlace) {
  EXPECT_THAT(message(load_text("version = 3\nport = = 1\n", Syntax::toml, "k.toml", {})),
              HasSubstr("k.toml:2:8: not valid TOML"));
  EXPECT_THAT(message(load_text("", Syntax::toml, "k.toml", {})), HasSubstr("k.toml: empty"));
  EXPECT_THAT(message(load_text("a = " + std::string(100'000, '['), Syntax::toml, "k.toml", {})),
              HasSubstr("k.toml"));
}

TEST(LoadFile, NamesAMissingFile) {
  const auto loaded = load_file("/nonexistent/krakend.json", {});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, Kind::io);
  EXPECT_THAT(loaded.error().message, HasSubstr("/nonexistent/krakend.json"));
}

}  // namespace
}  // namespace ropewalk::config
