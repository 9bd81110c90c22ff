#include "common/json_schema/uri.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

struct Case {
  const char* base;
  const char* reference;
  const char* resolved;
};

class Resolve : public testing::TestWithParam<Case> {};
TEST_P(Resolve, FollowsTheRfc) {
  EXPECT_EQ(resolve(GetParam().base, GetParam().reference), GetParam().resolved);
}

// RFC 3986, 5.4, and what schemas use besides.
INSTANTIATE_TEST_SUITE_P(
    Uri, Resolve,
    testing::Values(
        Case{"http://a/b/c/d;p?q", "g:h", "g:h"}, Case{"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
        Case{"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
        Case{"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
        Case{"http://a/b/c/d;p?q", "/g", "http://a/g"},
        Case{"http://a/b/c/d;p?q", "//g", "http://g"},
        Case{"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
        Case{"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
        Case{"http://a/b/c/d;p?q", "..", "http://a/b/"},
        Case{"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
        Case{"http://a/b/c/d;p?q", "./../g", "http://a/b/g"}, Case{"http://a", "g", "http://a/g"},
        Case{"file:///srv/api/", "./order.json", "file:///srv/api/order.json"},
        Case{"file:///srv/api/", "../x.json", "file:///srv/x.json"},
        Case{"urn:uuid:1", "urn:uuid:2", "urn:uuid:2"}, Case{"urn:uuid:1", "", "urn:uuid:1"}));

TEST(Uri, FragmentsAndEscapes) {
  EXPECT_EQ(split_fragment("a#b#c").first, "a");
  EXPECT_EQ(split_fragment("a#b#c").second, "b#c");
  EXPECT_EQ(split_fragment("a").second, "");
  EXPECT_EQ(percent_decode("%25a%2fb%zz%4"), "%a/b%zz%4");
}

}  // namespace
}  // namespace ropewalk::json_schema
