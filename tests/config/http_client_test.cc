#include "config/extra/http_client.h"

#include "tests/config/helpers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

Result<Loaded> client(std::string_view block) {
  return load(with_endpoint(R"({"endpoint":"/x","backend":[{"url_pattern":"/y","extra_config":
    {"backend/http/client":)" +
                            std::string(block) + "}}]}"));
}

const v1::Backend& backend(const Loaded& loaded) {
  return find(loaded, "backend/* GET /x#b0")->backend();
}

TEST(HttpClient, AProxyTravelsAsItIsWritten) {
  const auto loaded = client(R"({"proxy_address":"http://ana:p%40ss@proxy.test:3128/ignored"})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_TRUE(loaded->warnings.empty());
  const auto proxy = parse_http_client(backend(*loaded).extra_config().at("backend/http/client"));
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->address(), "proxy.test");
  EXPECT_EQ(proxy->port(), 3128U);
  EXPECT_EQ(proxy->user_info(), "ana:p@ss");
  EXPECT_EQ(proxy->base_path(), "");
  for (const char* none : {R"({"proxy_address":""})", R"({"proxy_address":null})", "{}"}) {
    const auto without = client(none);
    ASSERT_TRUE(without) << message(without);
    EXPECT_TRUE(backend(*without).extra_config().empty()) << none;
  }
}

TEST(HttpClient, WhatIsNoProxyIsRefusedAndNoPasswordShown) {
  const std::pair<const char*, const char*> table[] = {
      {"5", "expected a text"},
      {R"(["http://proxy:1"])", "expected a text"},
      {R"("proxy:3128")", "expected a proxy such as http://"},
      {R"("https://ana:secret@proxy:3128")", "no other protocol"},
      {R"("socks5://ana:secret@proxy:3128")", "no other protocol"},
      {R"("http://ana:secret@")", "expected a host name"},
      {R"("http://ana:secret@proxy:99999")", "port"},
  };
  for (const auto& [value, expected] : table) {
    const std::string said = message(client(R"({"proxy_address":)" + std::string(value) + "}"));
    EXPECT_THAT(said, HasSubstr(R"(extra_config["backend/http/client"].proxy_address: )")) << value;
    EXPECT_THAT(said, HasSubstr(expected)) << value;
    EXPECT_THAT(said, Not(HasSubstr("secret"))) << value;
  }
}

TEST(HttpClient, TlsOfOneBackendTakesThePlaceOfTheServices) {
  const auto loaded = load(R"({"version":3,"client_tls":{"disable_system_ca_pool":true},
    "host":["https://a.test"],"endpoints":[{"endpoint":"/x","backend":[
      {"url_pattern":"/y","extra_config":{"backend/http/client":
        {"client_tls":{"min_version":"TLS12","allow_insecure_connections":true}}}},
      {"url_pattern":"/z","group":"z"}]}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::BackendTls& own = backend(*loaded).tls();
  EXPECT_TRUE(own.allow_insecure_connections());
  EXPECT_FALSE(own.disable_system_ca_pool());
  EXPECT_EQ(own.min_version(), 0x0303U);
  EXPECT_FALSE(find(*loaded, "backend/* GET /x#b1")->backend().has_tls());
}

TEST(HttpClient, TlsThatCannotBeUsedIsRefusedWithItsPlace) {
  const std::pair<const char*, const char*> table[] = {
      {R"("client_tls":5)", R"(["backend/http/client"].client_tls)"},
      {R"("client_tls":{"ca_certs":["none.pem"]})", ".client_tls.ca_certs[0]"},
      {R"("client_tls":{"client_certs":[{"certificate":"none.pem","private_key":"none.key"}]})",
       ".client_tls.client_certs[0].certificate"},
  };
  for (const auto& [keys, expected] : table)
    EXPECT_THAT(message(client("{" + std::string(keys) + "}")), HasSubstr(expected)) << keys;
}

// Hosts come from Services there, and a proxy would be another one.
TEST(HttpClient, AnnotationsSayNothingAboutTheWay) {
  for (const char* key : {R"("proxy_address":"http://proxy:1")", R"("client_tls":{})"}) {
    const auto text =
        nlohmann::json::parse(R"({"url_pattern":"/y","extra_config":{"backend/http/client":{)" +
                              std::string(key) + "}}}");
    std::vector<Warning> warnings;
    const auto parsed = parse_backend(text, BackendDefaults{}, "backend", warnings);
    ASSERT_FALSE(parsed) << key;
    EXPECT_THAT(parsed.error().message, HasSubstr("Services")) << key;
  }
}

TEST(HttpClient, WhatTravelledWrongIsRefused) {
  for (const char* text : {"", "{}", "5", R"({"proxy_address":5})", R"({"proxy_address":"x"})",
                           R"({"proxy_address":"http://p:1","more":1})"})
    EXPECT_FALSE(parse_http_client(text)) << text;
}

}  // namespace
}  // namespace ropewalk::config
