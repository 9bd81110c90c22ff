#include "config/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SanitiseHost, KeepsTheOneAddressInTheText) {
  const std::pair<const char*, const char*> table[] = {
      {"127.0.0.1:8081", "http://127.0.0.1:8081"},
      {"http://127.0.0.1:8081/", "http://127.0.0.1:8081"},
      {"localhost:8081", "http://localhost:8081"},
      {"//127.0.0.1:8081", "http://127.0.0.1:8081"},
      {" http://127.0.0.1:8081 ", "http://127.0.0.1:8081"},
      {"http://127.0.0.1:8081//", "http://127.0.0.1:8081"},
      {"http://127.0.0.1:8081?", "http://127.0.0.1:8081"},
      {"#127.0.0.1:8081#", "http://127.0.0.1:8081"},
      {"https://offers_v2.shop-1.svc", "https://offers_v2.shop-1.svc:443"},
      {"products", "http://products:80"},
  };
  for (const auto& [text, expected] : table) {
    const auto host = sanitise_host(text);
    ASSERT_TRUE(host) << text << ": " << host.error().message;
    EXPECT_EQ(host_text(*host), expected) << text;
  }
}

TEST(SanitiseHost, SaysWhatItDropped) {
  for (const char* text : {"127.0.0.1:8081", "http://shop:8081/", " https://shop ", "//shop",
                           "http://shop:8081//", "http://user:pw@shop:8081", ""})
    EXPECT_EQ(sanitised_remark(text), "") << text;
  EXPECT_EQ(sanitised_remark("http://shop:8081?"), "read as http://shop:8081");
  EXPECT_EQ(sanitised_remark("#https://shop#"), "read as https://shop:443");
  EXPECT_EQ(
      sanitised_remark("${BACKEND}"),
      "read as http://BACKEND:80: variables are not expanded here, templates are (FC_ENABLE)");
}

TEST(SanitiseHost, RefusesEverythingElse) {
  for (const char* text : {"", "   ", "http://127.0.0.1:8081/api", "HTTP://127.0.0.1:8081",
                           "amqp://127.0.0.1:8081", "http://[::1]:8081", "http://a,http://b",
                           "http://user:pw@shop:8081", "shop:8", "shop:999999", "shop:0000080"})
    EXPECT_FALSE(sanitise_host(text)) << text;
}

TEST(SanitiseHost, NeverShowsAPassword) {
  const auto host = sanitise_host("http://user:pass@word@shop:8081/x");
  ASSERT_FALSE(host);
  EXPECT_THAT(host.error().message, HasSubstr("http://***@shop:8081/x"));
  EXPECT_THAT(host.error().message, Not(HasSubstr("pass")));
  const auto bare = sanitise_host("user:secret@shop:8081");
  ASSERT_FALSE(bare);
  EXPECT_THAT(bare.error().message, Not(HasSubstr("secret")));
}

TEST(SanitiseHost, KeepsADefaultPortInTheHostHeader) {
  EXPECT_EQ(sanitise_host("http://shop:80")->authority(), "shop:80");
  EXPECT_EQ(sanitise_host("https://shop:443")->authority(), "shop:443");
  EXPECT_EQ(sanitise_host("https://shop:80")->authority(), "");
  EXPECT_EQ(sanitise_host("shop")->authority(), "");
}

TEST(ParseHost, TakesAPathUserInformationAndIpv6) {
  const auto plain = parse_host("http://127.0.0.1:8081/echo/v2/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->base_path(), "/echo/v2/");
  EXPECT_EQ(plain->address(), "127.0.0.1");
  EXPECT_EQ(plain->port(), 8081U);
  EXPECT_EQ(parse_host("http://shop:8081/")->base_path(), "/");
  EXPECT_EQ(parse_host("http://shop:8081")->base_path(), "");
  EXPECT_EQ(parse_host("http://shop:8081?key=1")->base_path(), "/?key=1");
  EXPECT_EQ(parse_host("http://shop:8081/echo?key=1&p=")->base_path(), "/echo?key=1&p=");

  const auto user = parse_host("https://shop:se%20cret@127.0.0.1");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->user_info(), "shop:se cret");
  EXPECT_EQ(user->port(), 443U);
  EXPECT_TRUE(user->tls());
  EXPECT_EQ(host_text(*user), "https://127.0.0.1:443");
  EXPECT_EQ(parse_host("http://shop@a:81")->user_info(), "shop:");

  const auto v6 = parse_host("http://[2001:db8::1]:8081");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address(), "2001:db8::1");
  EXPECT_EQ(host_text(*v6), "http://[2001:db8::1]:8081");
  EXPECT_EQ(parse_host("http://[::1]:80")->authority(), "[::1]:80");
}

TEST(ParseHost, RefusesWhatCannotBeCalled) {
  for (const char* text :
       {"", "localhost", "127.0.0.1:8081", "amqp://broker", "http://", "http://:80", "http://a:0",
        "http://a:70000", "http://a:x", "http://[::1", "http://[::1]x", "http://a b",
        "http://a/b c", "http://us%er:x@a"})
    EXPECT_FALSE(parse_host(text)) << text;
  EXPECT_THAT(parse_host("http://u:s%ecret@a:99999").error().message, Not(HasSubstr("ecret")));
}

}  // namespace
}  // namespace ropewalk::config
