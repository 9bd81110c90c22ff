#include "dataplane/http/client_address.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

using Headers = std::vector<std::pair<const char*, const char*>>;

Fields make_fields(const Headers& headers) {
  Fields fields;
  for (const auto& [name, value] : headers) fields.add(name, value, field_id(name));
  return fields;
}

TrustedProxies trust(const std::vector<std::string>& entries) {
  return TrustedProxies::parse(entries).value();
}

struct Case {
  const char* peer;
  Headers headers;
  const char* expected;
};

void check(const ClientAddressSettings& settings, const std::vector<Case>& cases) {
  for (const Case& c : cases)
    EXPECT_EQ(client_address(c.peer, make_fields(c.headers), settings), c.expected)
        << c.peer << " " << (c.headers.empty() ? "" : c.headers[0].second);
}

// Recorded case client-ip-default, with KrakenD's trust in everybody.
TEST(ClientAddress, WithEverybodyTrusted) {
  ClientAddressSettings settings;
  settings.trusted = trust({"0.0.0.0/0", "::/0"});
  const char* peer = "127.0.0.1";
  check(settings,
        {{peer, {}, peer},
         {peer, {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
         {peer, {{"x-forwarded-for", "203.0.113.9, 198.51.100.4, 10.0.0.7"}}, "203.0.113.9"},
         {peer, {{"X-Real-Ip", "203.0.113.77"}}, "203.0.113.77"},
         {peer, {{"X-Real-Ip", "203.0.113.77"}, {"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
         {peer,
          {{"X-Forwarded-For", "unknown, 198.51.100.4"}, {"X-Real-Ip", "203.0.113.77"}},
          "203.0.113.77"},
         {peer, {{"X-Forwarded-For", "198.51.100.4, unknown"}}, peer},
         {peer,
          {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "198.51.100.4"}},
          "203.0.113.9"},
         {peer, {{"X-Forwarded-For", "2001:DB8::1"}}, "2001:DB8::1"},
         {peer, {{"X-Forwarded-For", "203.0.113.9:443"}}, peer},
         {peer, {{"X-Forwarded-For", " 203.0.113.9 ,"}}, peer},
         {peer, {{"X-Forwarded-For", "[2001:db8::1]"}}, peer},
         {peer, {{"X-Forwarded-For", "fe80::1%eth0"}}, peer},
         {peer, {{"X-Forwarded-For", ""}}, peer},
         {peer, {{"X-Forwarded-For", "010.1.1.1"}}, peer},
         {peer, {{"X-Real-Ip", "garbage"}}, peer}});
}

// design 7.3
TEST(ClientAddress, ByDefaultOnlyTheOwnNetworksAreTrusted) {
  check(
      {},
      {{"127.0.0.1", {{"X-Forwarded-For", "203.0.113.9, 198.51.100.4, 10.0.0.7"}}, "198.51.100.4"},
       {"127.0.0.1", {{"X-Forwarded-For", "10.0.0.7, 192.168.1.1"}}, "10.0.0.7"},
       {"10.1.2.3", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"100.64.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"100.128.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "100.128.0.1"},
       {"172.31.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"172.32.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "172.32.0.1"},
       {"169.254.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"::1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"fd00::1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"fe80::1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"2001:db8::1", {{"X-Forwarded-For", "203.0.113.9"}}, "2001:db8::1"},
       {"::ffff:10.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9"},
       {"::ffff:8.8.8.8", {{"X-Forwarded-For", "203.0.113.9"}}, "8.8.8.8"},
       {"8.8.8.8", {{"X-Forwarded-For", "203.0.113.9"}}, "8.8.8.8"},
       {"8.8.8.8", {{"X-Real-Ip", "203.0.113.9"}}, "8.8.8.8"}});
}

// Recorded case client-ip-trusted-networks.
TEST(ClientAddress, WithTrustedNetworks) {
  ClientAddressSettings settings;
  settings.trusted = trust({"127.0.0.0/8", "198.51.100.0/24", "10.0.0.0/8", "2001:db8::/32"});
  const char* peer = "127.0.0.1";
  check(settings,
        {{peer, {{"X-Forwarded-For", "203.0.113.9, 198.51.100.4, 10.0.0.7"}}, "203.0.113.9"},
         {peer, {{"X-Forwarded-For", "198.51.100.1, 198.51.100.4"}}, "198.51.100.1"},
         {peer, {{"X-Forwarded-For", "203.0.113.9, 2001:db8::5"}}, "203.0.113.9"},
         {peer, {{"X-Forwarded-For", "203.0.113.9, bad, 10.0.0.1"}}, peer},
         {peer, {{"X-Forwarded-For", "8.8.8.8, 203.0.113.9, 10.0.0.1"}}, "203.0.113.9"},
         {peer, {{"X-Real-Ip", "203.0.113.77"}}, "203.0.113.77"}});
}

// Recorded case client-ip-remote-headers.
TEST(ClientAddress, FromOtherHeadersInTheirOrder) {
  ClientAddressSettings settings;
  settings.headers = {"cf-connecting-ip", "X-CLIENT-IP"};
  settings.trusted = trust({"127.0.0.1"});
  const char* peer = "127.0.0.1";
  check(
      settings,
      {{peer, {{"Cf-Connecting-Ip", "203.0.113.5"}, {"X-Client-Ip", "203.0.113.6"}}, "203.0.113.5"},
       {peer, {{"X-Client-Ip", "203.0.113.6"}}, "203.0.113.6"},
       {peer, {{"X-Forwarded-For", "203.0.113.9"}}, peer},
       {peer,
        {{"Cf-Connecting-Ip", "n/a"}, {"X-Client-Ip", "203.0.113.6, 203.0.113.7"}},
        "203.0.113.7"}});
}

TEST(ClientAddress, Switches) {
  ClientAddressSettings settings;
  settings.forwarded_by_client_ip = false;
  check(settings, {{"127.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}}, "127.0.0.1"}});
  settings.app_engine = true;
  check(settings, {{"8.8.8.8", {{"X-Appengine-Remote-Addr", "203.0.113.9"}}, "203.0.113.9"},
                   {"8.8.8.8", {{"X-Appengine-Remote-Addr", ""}}, "8.8.8.8"}});
}

TEST(TrustedProxies, RefusesWhatIsNoAddressOrNetwork) {
  for (const char* entry : {"proxy.internal", "300.1.1.1/99", "10.0.0.0/33", "::/129", "10.0.0.0/",
                            "10.0.0.0/x", "10.0.0.0/-1", "", "/8", "10.0.0.0/8/8", "010.0.0.1"}) {
    const std::vector<std::string> entries = {"127.0.0.1", entry};
    const Result<TrustedProxies> parsed = TrustedProxies::parse(entries);
    ASSERT_FALSE(parsed) << entry;
    EXPECT_NE(parsed.error().message.find("'" + std::string(entry) + "'"), std::string::npos);
  }
}

TEST(TrustedProxies, AnEmptyListIsTheDefaultAndFamiliesAreApart) {
  const std::vector<std::string> none;
  EXPECT_TRUE(TrustedProxies::parse(none)->trusts("10.0.0.1"));
  EXPECT_FALSE(TrustedProxies::parse(none)->trusts("8.8.8.8"));
  EXPECT_FALSE(trust({"::/0"}).trusts("8.8.8.8"));
  EXPECT_FALSE(trust({"0.0.0.0/0"}).trusts("::1"));
  EXPECT_TRUE(trust({"10.0.0.0/31"}).trusts("10.0.0.1"));
  EXPECT_FALSE(trust({"10.0.0.0/31"}).trusts("10.0.0.2"));
  EXPECT_FALSE(trust({"0.0.0.0/0"}).trusts("name"));
}

}  // namespace
}  // namespace ropewalk::http
