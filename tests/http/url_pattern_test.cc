#include "dataplane/http/url_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

struct Case {
  const char* pattern;
  std::vector<std::string> names;
  std::vector<std::string> values;
  std::string expected;  // or "error: ..."
};

std::string expand(const Case& c) {
  const Result<UrlPattern> pattern = UrlPattern::compile(c.pattern, c.names);
  if (!pattern) return "error: " + pattern.error().message;
  const std::vector<std::string_view> values(c.values.begin(), c.values.end());
  std::string out = "before";
  const Result<void> appended = pattern->append(out, values);
  EXPECT_TRUE(out.starts_with("before"));
  if (!appended) {
    EXPECT_EQ(out, "before");
    return "error: " + appended.error().message;
  }
  return out.substr(6);
}

class Expansion : public testing::TestWithParam<Case> {};

TEST_P(Expansion, IsWhatTheBackendGets) {
  EXPECT_EQ(expand(GetParam()), GetParam().expected) << GetParam().pattern;
}

const std::vector<std::string> kId = {"id"};

INSTANTIATE_TEST_SUITE_P(
    Plain, Expansion,
    testing::Values(Case{"/orders", {}, {}, "/orders"}, Case{"", {}, {}, ""},
                    Case{"/u/{id}", kId, {"7"}, "/u/7"}, Case{"/u/{Id}", kId, {"7"}, "/u/7"},
                    Case{"/o/{id}", kId, {""}, "/o/"},
                    Case{"/{user}/of/{tenant}", {"tenant", "user"}, {"t", "u"}, "/u/of/t"},
                    Case{"/{h}{g}{f}/{e}-{d}.{c}/{b}{a}",
                         {"a", "b", "c", "d", "e", "f", "g", "h"},
                         {"1", "2", "3", "4", "5", "6", "7", "8"},
                         "/876/5-4.3/21"},
                    // {id} and {Id} are one parameter, the later segment wins.
                    Case{"/u/{id}", {"id", "Id"}, {"1", "2"}, "/u/2"},
                    Case{"/u/{user.id}", {"user.id"}, {"5"}, "/u/5"}));

// Recorded cases path-parameter-values and param-characters.
INSTANTIATE_TEST_SUITE_P(
    PathValues, Expansion,
    testing::Values(
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"ana maria", "a+b"}, "/e/a+b/of/ana%20maria"},
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"J\xc3\xbcrgen", "x"}, "/e/x/of/J%C3%BCrgen"},
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"a:b@c", "x;y=1,2"}, "/e/x;y=1,2/of/a:b@c"},
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"a&b=c", "!$'()*~"}, "/e/!$'()*~/of/a&b=c"},
        Case{"/e/{o}/of/{n}",
             {"n", "o"},
             {"\"q\"", "<b>|^`\\"},
             "/e/%3Cb%3E%7C%5E%60%5C/of/%22q%22"},
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"{name}", "[1]"}, "/e/%5B1%5D/of/%7Bname%7D"},
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"ana", "[1]"}, "/e/[1]/of/ana"},
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"a&b", "+"}, "/e/+/of/a&b"},
        // One pass: the text of a placeholder inside a value stays text.
        Case{"/e/{o}/of/{n}", {"n", "o"}, {"{{.O}}", "x"}, "/e/x/of/%7B%7B.O%7D%7D"},
        // What may not come from a path, but from a claim.
        Case{"/e/{id}/x", kId, {"a/b?c#d%2e"}, "/e/a%2Fb%3Fc%23d%252e/x"},
        Case{"/e/{id}/x", kId, {".."}, "error: dot segment in URL"},
        Case{"/e/{id}/x", kId, {"..."}, "/e/.../x"}));

INSTANTIATE_TEST_SUITE_P(
    Controls, Expansion,
    testing::Values(
        Case{"/u/{id}", kId, {std::string("a\0b", 3)}, "error: invalid control character in URL"},
        Case{"/u/{id}", kId, {"a\r\nX: 1"}, "error: invalid control character in URL"},
        Case{"/u/{id}", kId, {"a\tb"}, "error: invalid control character in URL"},
        Case{"/u/{id}", kId, {"a\x7f"}, "error: invalid control character in URL"},
        Case{"/f?q={id}", kId, {"a\nb"}, "error: invalid control character in URL"},
        Case{"/a\nb", {}, {}, "error: url_pattern: control character"}));

// An escape of the pattern survives only while the whole path needs no escaping.
INSTANTIATE_TEST_SUITE_P(
    PatternText, Expansion,
    testing::Values(
        Case{"/a%2Fb/{id}", kId, {"x"}, "/a%2Fb/x"},
        Case{"/a%2Fb/{id}", kId, {"x y"}, "/a/b/x%20y"},
        Case{"/a b/{id}", kId, {"(x)"}, "/a%20b/%28x%29"},
        Case{"/a/{id}.json", kId, {"x"}, "/a/x.json"}, Case{"/a/{", kId, {"x"}, "/a/%7B"},
        Case{"/a/{}", kId, {"x"}, "/a/%7B%7D"}, Case{"/a/{b c}", kId, {"x"}, "/a/%7Bb%20c%7D"},
        Case{"/a%zz", {}, {}, "error: url_pattern: invalid URL escape \"%zz\" in the path"},
        Case{"/a#frag?x", {}, {}, "/a"}));

INSTANTIATE_TEST_SUITE_P(
    Query, Expansion,
    testing::Values(Case{"/f?q={id}&size=5", kId, {"shoes"}, "/f?q=shoes&size=5"},
                    Case{"/f?q={id}&size=5", kId, {"a:b@c,d"}, "/f?q=a:b@c,d&size=5"},
                    Case{"/f?q={id}&size=5", kId, {"(a)*!"}, "/f?q=(a)*!&size=5"},
                    Case{"/f?q={id}&size=5", kId, {"a-b_c.d~e"}, "/f?q=a-b_c.d~e&size=5"},
                    Case{"/f?q={id}", kId, {".."}, "/f?q=.."},
                    Case{"/f?q={id}", kId, {"x&size=500"}, "/f?q=x%26size%3D500"},
                    Case{"/f?q={id}", kId, {"two words"}, "/f?q=two%20words"},
                    Case{"/f?q={id}", kId, {"a+b"}, "/f?q=a%2Bb"},
                    Case{"/f?q={id}", kId, {"M\xc3\xbc"}, "/f?q=M%C3%BC"},
                    Case{"/f?q={id}", kId, {"a;b\"c"}, "/f?q=a%3Bb%22c"},
                    Case{"/f?q={id}", kId, {"a/b?c#d%"}, "/f?q=a%2Fb%3Fc%23d%25"},
                    // The pattern's own query goes as written.
                    Case{"/i?zone=eu&kind={id}&z=A%20b", kId, {"x"}, "/i?zone=eu&kind=x&z=A%20b"},
                    Case{"/i?a=b c", {}, {}, "/i?a=b%20c"}, Case{"/t?", {}, {}, "/t?"},
                    Case{"/t?a=1&", {}, {}, "/t?a=1&"}, Case{"/t?a=1#top", {}, {}, "/t?a=1"},
                    // The path is not encoded because the query has something odd.
                    Case{"/[1]?q={id}", kId, {"\xc3\xbc"}, "/[1]?q=%C3%BC"}));

// Recorded case path-parameter-unresolved.
INSTANTIATE_TEST_SUITE_P(
    Unresolved, Expansion,
    testing::Values(Case{"/e/{id}/{resp0_name}", kId, {"5"}, "/e/5/%7B%7B.Resp0_name%7D%7D"},
                    Case{"/e/v?x={resp0_id}", {}, {}, "/e/v?x={{.Resp0_id}}"},
                    Case{"/e/{JWT.sub}", {}, {}, "/e/%7B%7B.JWT.sub%7D%7D"},
                    Case{"/e/{JWT.sub}", {"JWT.sub"}, {"ana"}, "/e/ana"}));

INSTANTIATE_TEST_SUITE_P(
    Tail, Expansion,
    testing::Values(Case{"/b/*", {"*"}, {"x/y%2Fz"}, "/b/x/y%2Fz"},
                    Case{"/b/*", {"*"}, {""}, "/b/"},
                    Case{"/{id}/*", {"id", "*"}, {"a b", "x%20y"}, "/a%20b/x%20y"},
                    Case{"/{JWT.sub}/*", {"*", "JWT.sub"}, {"x", "ana"}, "/ana/x"},
                    Case{"/b/*?q=1", {"*"}, {"x"}, "/b/x?q=1"}, Case{"/b/*", {}, {}, "/b/*"},
                    Case{"/fixed", {"*"}, {"x"}, "/fixed"}));

TEST(UrlPattern, SaysWhatItDoesNotResolve) {
  const std::vector<std::string> names = {"id"};
  const Result<UrlPattern> pattern = UrlPattern::compile("/{id}/{resp0_x}?y={JWT.sub}", names);
  ASSERT_TRUE(pattern);
  EXPECT_THAT(pattern->unresolved(), testing::ElementsAre("resp0_x", "JWT.sub"));
  EXPECT_TRUE(pattern->has_query());
  EXPECT_FALSE(UrlPattern::compile("/{id}", names)->has_query());
}

TEST(UrlPattern, SaysWhichParametersItPutsIntoThePath) {
  const std::vector<std::string> names = {"id", "q", "unused", "*"};
  const Result<UrlPattern> pattern = UrlPattern::compile("/x-{id}/*?q={q}&again={id}", names);
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->puts_into_path(0));
  EXPECT_FALSE(pattern->puts_into_path(1));
  EXPECT_FALSE(pattern->puts_into_path(2));
  EXPECT_FALSE(pattern->puts_into_path(3));  // a tail has its own rule
}

}  // namespace
}  // namespace ropewalk::http
