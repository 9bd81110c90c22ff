#include "common/json_schema/uri.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

struct UriCase {
  const char* base;
  const char* reference;
  const char* resolved;
};

class Resolve : public testing::TestWithParam<UriCase> {};
TEST_P(Resolve, FollowsTheRfc) {
  EXPECT_EQ(resolve(GetParam().base, GetParam().reference), GetParam().resolved);
}

// RFC 3986, 5.4, and what schemas use besides.
INSTANTIATE_TEST_SUITE_P(
    Uri, Resolve,
    testing::Values(UriCase{"http://a/b/c/d;p?q", "g:h", "g:h"},
                    UriCase{"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
                    UriCase{"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
                    UriCase{"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
                    UriCase{"http://a/b/c/d;p?q", "/g", "http://a/g"},
                    UriCase{"http://a/b/c/d;p?q", "//g", "http://g"},
                    UriCase{"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
                    UriCase{"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
                    UriCase{"http://a/b/c/d;p?q", "..", "http://a/b/"},
                    UriCase{"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
                    UriCase{"http://a/b/c/d;p?q", "./../g", "http://a/b/g"},
                    UriCase{"http://a", "g", "http://a/g"},
                    UriCase{"file:///srv/api/", "./order.json", "file:///srv/api/order.json"},
                    UriCase{"file:///srv/api/", "../x.json", "file:///srv/x.json"},
                    UriCase{"urn:uuid:1", "urn:uuid:2", "urn:uuid:2"},
                    UriCase{"urn:uuid:1", "", "urn:uuid:1"}));

TEST(Uri, FragmentsAndEscapes) {
  EXPECT_EQ(split_fragment("a#b#c").first, "a");
  EXPECT_EQ(split_fragment("a#b#c").second, "b#c");
  EXPECT_EQ(split_fragment("a").second, "");
  EXPECT_EQ(percent_decode("%25a%2fb%zz%4"), "%a/b%zz%4");
}

}  // namespace
}  // namespace ropewalk::json_schema
