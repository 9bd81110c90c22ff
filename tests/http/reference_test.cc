#include "dataplane/http/reference.h"

#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

TEST(Url, IsTakenApart) {
  const auto url = parse_url("HTTPS://user:pw@Shop.Example:8443/a b?c=ü#frag");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "shop.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->authority, "shop.example:8443");
  EXPECT_EQ(url->user_info, "user:pw");
  EXPECT_EQ(url->target, "/a%20b?c=%C3%BC");
  EXPECT_EQ(url->text(), "https://shop.example:8443/a%20b?c=%C3%BC");
  EXPECT_EQ(parse_url("http://[::1]:80")->authority, "[::1]");
  EXPECT_EQ(parse_url("http://h?x=1")->target, "/?x=1");
}

TEST(Url, RefusesWhatIsNoHttpUrl) {
  for (const char* text :
       {"", "/path", "ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:99999/",
        "http://h:x/", "http://[::1", "http://a b/", "http://h%2f/"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Reference, IsResolvedAsTheRfcSays) {
  const Url base = *parse_url("http://a/b/c/d?q");
  const std::pair<const char*, const char*> table[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d?q"},
      {"", "http://a/b/c/d?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"https://x:8443/y", "https://x:8443/y"},
  };
  for (const auto& [reference, expected] : table) {
    const auto url = resolve_reference(base, reference);
    ASSERT_TRUE(url) << reference;
    EXPECT_EQ(url->text(), expected) << reference;
  }
  EXPECT_FALSE(resolve_reference(base, "ftp://x/"));
}

TEST(RelativeTarget, StaysAtTheServer) {
  EXPECT_EQ(*relative_target("echo/p2?size=3"), "/echo/p2?size=3");
  EXPECT_EQ(*relative_target("/a b#x"), "/a%20b");
  EXPECT_EQ(*relative_target("a?next=http://x/"), "/a?next=http://x/");
  for (const char* text :
       {"http://evil/", "//evil/x", "a/../b", "%2e%2e/x", "a\nb", "x:y", "\\\\evil", "a%zz"})
    EXPECT_FALSE(relative_target(text)) << text;
}

}  // namespace
}  // namespace ropewalk::http
