#include "dataplane/filters/security_http/security_http.h"

#include "dataplane/filters/security_http/redirect.h"
#include "fake_passage.h"

namespace ropewalk::filters {
namespace {

using pipeline::Step;
using testing::FakePassage;
using testing::make;

struct HostCase {
  std::string_view settings;
  std::string_view host;
  bool good;
};

TEST(SecurityHttp, ServesOnlyTheAllowedHosts) {
  const HostCase cases[] = {
      {R"({"allowed_hosts":["shop.example"]})", "SHOP.example", true},
      {R"({"allowed_hosts":["shop.example"]})", "shop.example:8080", false},
      {R"({"allowed_hosts":["shop.example"]})", "shop.example.", false},
      {R"({"allowed_hosts":["shop.example"]})", "", false},
      {R"({"allowed_hosts":["("]})", "(", true},
      {R"({"allowed_hosts":["a+"],"allowed_hosts_are_regex":true})", "aa", true},
      {R"({"allowed_hosts":["a+"],"allowed_hosts_are_regex":true})", "A", false},
      {R"({"allowed_hosts":["a+"],"allowed_hosts_are_regex":true})", "aab", false},
      {R"({"allowed_hosts":["a+"],"allowed_hosts_are_regex":true})", "aa\n", false},
      {R"({"allowed_hosts":["a"],"is_development":true})", "b", true},
      {"{}", "b", true},
  };
  for (const HostCase& one : cases) {
    FakePassage passage("GET", "/", {{"Host", one.host}});
    EXPECT_EQ(make(make_security_http, one.settings)->run(passage),
              one.good ? Step::next : Step::done)
        << one.settings << one.host;
    EXPECT_EQ(passage.status_, one.good ? 0u : 500u);
    if (one.good) continue;
    EXPECT_EQ(passage.text_, "Bad Host\n");
    EXPECT_EQ(passage.content_type_, "text/plain; charset=utf-8");
    EXPECT_EQ(passage.answer_fields, "X-Content-Type-Options: nosniff\r\n");
  }
}

TEST(SecurityHttp, TakesTheHostFromTheFirstProxyHeaderWithAValue) {
  const auto gate =
      make(make_security_http, R"({"allowed_hosts":["a"],"host_proxy_headers":["X-One","X-Two"]})");
  FakePassage second("GET", "/", {{"Host", "b"}, {"X-One", ""}, {"x-two", "a"}});
  EXPECT_EQ(gate->run(second), Step::next);
  FakePassage first("GET", "/", {{"Host", "a"}, {"X-One", "b"}, {"X-Two", "a"}});
  EXPECT_EQ(gate->run(first), Step::done);
}

TEST(SecurityHttp, RedirectsToTls) {
  const auto gate =
      make(make_security_http, R"({"ssl_redirect":true,"frame_deny":true,)"
                               R"("ssl_proxy_headers":{"X-Forwarded-Proto":"https"}})");
  FakePassage get("GET", "/a%20b/../c?x=1&y=%20");
  EXPECT_EQ(gate->run(get), Step::done);
  EXPECT_EQ(get.status_, 301u);
  EXPECT_EQ(get.answer_fields, "Location: https://localhost:8080/a%20b/../c?x=1&y=%20\r\n");
  EXPECT_EQ(get.text_,
            "<a href=\"https://localhost:8080/a%20b/../c?x=1&amp;y=%20\">Moved Permanently</a>."
            "\n\n");
  FakePassage post("POST", "/a");
  EXPECT_EQ(gate->run(post), Step::done);
  EXPECT_EQ(post.content_type_ + post.text_, "");
  FakePassage proxied("GET", "/", {{"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(gate->run(proxied), Step::next);
  FakePassage twice("GET", "/", {{"X-Forwarded-Proto", "http"}, {"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(gate->run(twice), Step::done);
  FakePassage secure("GET", "/");
  secure.tls = true;
  EXPECT_EQ(gate->run(secure), Step::next);
  EXPECT_EQ(secure.answer_fields, "X-Frame-Options: DENY\r\n");
}

TEST(SecurityHttp, WritesHeadersForBrowsers) {
  const auto gate =
      make(make_security_http,
           R"({"sts_seconds":60,"sts_include_subdomains":true,"frame_deny":true,)"
           R"("custom_frame_options_value":"SAMEORIGIN","content_type_nosniff":true,)"
           R"("browser_xss_filter":true,"content_security_policy":"default-src 'self'",)"
           R"("referrer_policy":"same-origin"})");
  const std::string fields =
      "X-Frame-Options: SAMEORIGIN\r\nX-Content-Type-Options: nosniff\r\n"
      "X-Xss-Protection: 1; mode=block\r\nContent-Security-Policy: default-src 'self'\r\n"
      "Referrer-Policy: same-origin\r\n";
  FakePassage plain("GET", "/");
  gate->run(plain);
  EXPECT_EQ(plain.answer_fields, fields);
  FakePassage secure("GET", "/");
  secure.tls = true;
  gate->run(secure);
  EXPECT_EQ(secure.answer_fields,
            "Strict-Transport-Security: max-age=60; includeSubDomains\r\n" + fields);
}

TEST(SecurityHttp, WhatAUrlCannotHoldIsEncoded) {
  http::RequestHead head;
  head.path = "/a\"b%2F";
  head.query = "q=\xc3\xa4 <";
  EXPECT_EQ(https_location("ho\"st<", head), "https://ho%22st%3C/a%22b/?q=%C3%A4%20<");
  EXPECT_EQ(redirect_page("'<>"), "<a href=\"&#39;&lt;&gt;\">Moved Permanently</a>.\n\n");
}

}  // namespace
}  // namespace ropewalk::filters
