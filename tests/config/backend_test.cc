// Backends within a document: shaping, hosts, discovery, error statuses.
#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using testing::find;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load;
using testing::message;
using testing::warning_at;
using testing::with_endpoint;

std::string document(std::string_view backend) {
  return with_endpoint(R"({"endpoint":"/u/{id}","backend":[)" + std::string(backend) + "]}");
}

v1::Backend backend_of(std::string_view backend) {
  const auto loaded = load(document(backend));
  EXPECT_TRUE(loaded) << message(loaded);
  const v1::Resource* resource = loaded ? find(*loaded, "backend/* GET /u/{}#b0") : nullptr;
  EXPECT_NE(resource, nullptr);
  return resource ? resource->backend() : v1::Backend();
}

std::vector<std::pair<std::string, std::string>> mapping(const v1::Backend& backend) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& entry : backend.mapping()) out.emplace_back(entry.from(), entry.to());
  return out;
}

TEST(Backend, Shaping) {
  const v1::Backend backend = backend_of(R"({
    "url_pattern": "/u/{id}", "encoding": "SafeJSON", "group": 12, "target": "data.user",
    "allow": ["id", 2.5, true], "mapping": {"z": "last", "a": 99, "n": null},
    "is_collection": "T", "input_headers": "X-A", "input_query_strings": ["q"]})");
  EXPECT_EQ(backend.encoding(), v1::ENCODING_SAFEJSON);
  EXPECT_EQ(backend.group(), "12");
  EXPECT_EQ(backend.target(), "data.user");
  EXPECT_THAT(backend.allow(), ElementsAre("id", "2.5", "1"));
  EXPECT_THAT(mapping(backend), ElementsAre(::testing::Pair("a", "99"), ::testing::Pair("n", ""),
                                            ::testing::Pair("z", "last")));
  EXPECT_TRUE(backend.is_collection());
  EXPECT_THAT(backend.input_headers(), ElementsAre("X-A"));
  EXPECT_THAT(backend.input_query_strings(), ElementsAre("q"));
}

// Only keys of the configuration's own objects are comments; these are names of a user's data.
TEST(Backend, MappingTakesEveryName) {
  EXPECT_THAT(
      mapping(backend_of(R"({"mapping":{"_id":"id","@type":"type","#text":"text","$ref":"ref"}})")),
      ElementsAre(::testing::Pair("#text", "text"), ::testing::Pair("$ref", "ref"),
                  ::testing::Pair("@type", "type"), ::testing::Pair("_id", "id")));
}

TEST(Backend, LooseLists) {
  EXPECT_THAT(backend_of(R"({"allow":"id,name"})").allow(), ElementsAre("id,name"));
  EXPECT_THAT(backend_of(R"({"allow":""})").allow(), ElementsAre(""));
  EXPECT_THAT(backend_of(R"({"allow":[]})").allow(), IsEmpty());
  EXPECT_THAT(backend_of(R"({"allow":null})").allow(), IsEmpty());
  EXPECT_THAT(mapping(backend_of(R"({"mapping":[]})")), IsEmpty());
  EXPECT_THAT(mapping(backend_of(R"({"mapping":[{"a":"b"},{"c":"d"}]})")),
              ElementsAre(::testing::Pair("a", "b"), ::testing::Pair("c", "d")));
}

TEST(Backend, RefusesWhatKrakenDRefuses) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"allow":[{"field":"id"}]})", "backend[0].allow[0]: expected a text"},
      {R"({"deny":{"id":true}})", "backend[0].deny: expected a text"},
      {R"({"group":["user"]})", "backend[0].group: expected a text, got a list"},
      {R"({"target":{"path":"data"}})", "backend[0].target: expected a text, got an object"},
      {R"({"mapping":"id:user_id"})", "backend[0].mapping: expected an object of texts"},
      {R"({"mapping":{"id":{"to":"x"}}})", "backend[0].mapping.id: expected a text"},
      {R"({"is_collection":"maybe"})", "backend[0].is_collection: expected true or false"},
      {R"({"timeout":"soon"})", "backend[0].timeout: expected a duration"},
      {R"({"host":["http://a/b"]})", "backend[0].host[0]: expected [http(s)://]name[:port]"},
      {R"({"host":[""]})", "backend[0].host[0]"},
  };
  for (const auto& [text, expected] : table)
    EXPECT_THAT(message(load(document(text))), HasSubstr(expected)) << text;
}

// KrakenD's client refuses these at each call, not at the start.
TEST(Backend, WhatNoRequestCanBeMadeOfStartsWithoutHosts) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"method":"GET X"})", "method"},
      {R"({"method":"\u00e9"})", "method"},
      {R"({"url_pattern":"/a\nb"})", "url_pattern"},
      {R"({"url_pattern":"/a?b=\u007f"})", "url_pattern"},
      {R"({"url_pattern":"/100%"})", "url_pattern"},
      {R"({"url_pattern":"/a%zz"})", "url_pattern"},
      {R"({"url_pattern":"/%{id}"})", "url_pattern"},
      {R"({"host":["http://shop:99999"]})", "host[0]"},
      {R"({"host":["http://shop:00"]})", "host[0]"},
  };
  for (const auto& [text, key] : table) {
    const auto loaded = load(document(text));
    ASSERT_TRUE(loaded) << text << ": " << message(loaded);
    EXPECT_NE(warning_at(*loaded, "endpoints[0].backend[0]." + std::string(key)), "") << text;
    EXPECT_EQ(find(*loaded, "backend/* GET /u/{}#b0")->backend().host_set(), "hosts/none") << text;
  }
  for (const char* text : {R"({"method":"5"})", R"({"method":"m-search"})", R"({"method":5})",
                           R"({"url_pattern":"/a%2F?b=%zz"})", R"({"url_pattern":"/x#%"})"})
    EXPECT_NE(backend_of(text).host_set(), "hosts/none") << text;
}

TEST(Backend, AllowBesideDenyIsWarnedAbout) {
  const auto loaded = load(document(R"({"allow":["a"],"deny":["b"]})"));
  ASSERT_TRUE(loaded);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[0].deny"), HasSubstr("allow"));
}

TEST(Backend, OwnHostsReplaceTheRoots) {
  const auto loaded =
      load(document(R"({"host":["https://a:9002","b:9003"]},{"host":[]},{"host":"c:90"})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const auto* own = find(*loaded, "hosts/https://a:9002,http://b:9003");
  ASSERT_NE(own, nullptr);
  ASSERT_EQ(own->host_set().hosts_size(), 2);
  EXPECT_TRUE(own->host_set().hosts(0).tls());
  EXPECT_NE(find(*loaded, "hosts/http://127.0.0.1:8081"), nullptr);
  EXPECT_NE(find(*loaded, "hosts/http://c:90"), nullptr);
  EXPECT_EQ(find(*loaded, "backend/* GET /u/{}#b0")->backend().host_set(), own->name());
  EXPECT_EQ(find(*loaded, "backend/* GET /u/{}#b0")->backend().display_name(), "a:9002");
}

TEST(Backend, UnsanitisedHostsThatCannotBeCalledAreLeftOut) {
  const auto loaded = load(
      document(R"({"host":["127.0.0.1:8081","http://ok:81/p"],"disable_host_sanitize":true})"));
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[0].host[0]"),
              HasSubstr("cannot be called"));
  const auto* hosts = find(*loaded, "hosts/http://ok:81/p");
  ASSERT_NE(hosts, nullptr);
  EXPECT_EQ(hosts->host_set().hosts(0).base_path(), "/p");
}

TEST(Backend, HostsWithCredentialsAreNamedByTheirBackend) {
  const auto loaded =
      load(document(R"({"host":["http://shop:s3cret@a:81"],"disable_host_sanitize":true})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const auto* hosts = find(*loaded, "hosts/backend/* GET /u/{}#b0");
  ASSERT_NE(hosts, nullptr);
  EXPECT_EQ(hosts->host_set().hosts(0).user_info(), "shop:s3cret");
  for (const auto& resource : loaded->resources)
    EXPECT_EQ(resource.name().find("s3cret"), std::string::npos);
}

TEST(Backend, DiscoveryIsStaticForUnknownNames) {
  const auto loaded = load(document(R"({"sd":"consul","sd_scheme":"http"},{"sd":"static"})"));
  ASSERT_TRUE(loaded);
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[0].sd"), HasSubstr("static"));
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST(Backend, HostsThatDnsNames) {
  const auto loaded = load(document(
      R"({"host":["_a._tcp.x"],"sd":"dns","disable_host_sanitize":true},
         {"host":["_a._tcp.x"],"sd":"dns","disable_host_sanitize":true,"sd_scheme":"https"},
         {"host":["_a._tcp.x"],"sd":"dns","disable_host_sanitize":true,"sd_scheme":"http"},
         {"host":["api.x"],"sd":"dns"})"));
  ASSERT_TRUE(loaded) << message(loaded);
  const std::vector<DnsHosts> expected = {
      {"hosts/dns http _a._tcp.x", "_a._tcp.x", false},
      {"hosts/dns https _a._tcp.x", "_a._tcp.x", true},
      {"hosts/dns http http://api.x:80", "http://api.x:80", false}};
  EXPECT_EQ(loaded->discovered, expected);
  for (const DnsHosts& each : expected) {
    const auto* hosts = find(*loaded, each.host_set);
    ASSERT_NE(hosts, nullptr) << each.host_set;
    EXPECT_EQ(hosts->host_set().hosts_size(), 0);
  }
  EXPECT_THAT(warning_at(*loaded, "endpoints[0].backend[3].sd"),
              HasSubstr("set disable_host_sanitize"));
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

TEST(Backend, ErrorStatuses) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"return_error_code":true})", R"({"return_error_code":true})"},
      {R"({"return_error_details":"stock"})", R"({"return_error_details":"stock"})"},
      {R"({"return_error_code":true,"return_error_details":"s"})",
       R"({"return_error_details":"s"})"},
      {R"({"return_error_code":true,"return_error_details":""})", ""},
      {R"({"return_error_code":true,"return_error_details":null})", ""},
      {R"({"return_error_code":"true"})", ""},
      {R"({"return_error_code":false})", ""},
      {R"("on")", ""},
  };
  for (const auto& [text, expected] : table) {
    const v1::Backend backend =
        backend_of(R"({"extra_config":{"backend/http":)" + std::string(text) + "}}");
    const auto it = backend.extra_config().find("backend/http");
    EXPECT_EQ(it == backend.extra_config().end() ? "" : it->second, expected) << text;
  }
}

}  // namespace
}  // namespace ropewalk::config
