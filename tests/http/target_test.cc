#include "dataplane/http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string show(const Result<std::string>& result) {
  return result ? *result : "error: " + result.error().message;
}

TEST(Decode, PathsKeepThePlusAndQueriesDoNot) {
  EXPECT_EQ(show(decode_path("a%20b+c%2fd")), "a b+c/d");
  EXPECT_EQ(show(decode_query("a%20b+c%2Bd")), "a b c+d");
  EXPECT_EQ(show(decode_path("%00%ff")), std::string("\0\xff", 2));
}

TEST(Decode, NamesTheBrokenEscapeAsGoDoes) {
  EXPECT_EQ(show(decode_path("50%")), "error: invalid URL escape \"%\"");
  EXPECT_EQ(show(decode_path("50%x")), "error: invalid URL escape \"%x\"");
  EXPECT_EQ(show(decode_path("a%zzz")), "error: invalid URL escape \"%zz\"");
  EXPECT_EQ(show(decode_query("%\"\x01")), "error: invalid URL escape \"%\\\"\\x01\"");
}

TEST(PathParameter, FollowsTheRecordedCases) {
  const std::pair<const char*, const char*> cases[] = {
      {"M%C3%BCller", "M\xc3\xbcller"},
      {"a%20b", "a b"},
      {"a+b", "a+b"},
      {"a%2Bb", "a+b"},
      {"%7Bx%7D", "{x}"},
      {"%41%62", "Ab"},
      {"...", "..."},
      {".hidden", ".hidden"},
      {"..;x=1", "..;x=1"},
      {"", ""},
      {"a%252Fb", "error: encoded url params"},
      {"%2561", "error: encoded url params"},
      {"a%3Fb", "error: encoded url params"},
      {"a%23b", "error: encoded url params"},
      {"a#b", "error: encoded url params"},
      {"50%25", "error: invalid URL escape \"%\""},
      {"50%25x", "error: invalid URL escape \"%x\""},
      {"a%25zz", "error: invalid URL escape \"%zz\""},
      {"%zz", "error: invalid URL escape \"%zz\""},
      {"..", ".."},
      {"%2e", "."},
  };
  for (const auto& [raw, expected] : cases) EXPECT_EQ(show(path_parameter(raw)), expected) << raw;
}

TEST(PathParameter, KnowsDotSegments) {
  for (const char* dots : {".", ".."}) EXPECT_TRUE(is_dot_segment(dots)) << dots;
  for (const char* text : {"", "...", ".a", "a.", "./"}) EXPECT_FALSE(is_dot_segment(text)) << text;
}

TEST(PathTail, KeepsEscapesAndNeverClimbs) {
  const std::pair<const char*, const char*> cases[] = {
      {"a/b", "a/b"},
      {"", ""},
      {"a%2Fb%20c//d/", "a%2Fb%20c//d/"},
      {"a\"\xc3\xbc{}", "a%22%C3%BC%7B%7D"},
      {"a?b#c", "a%3Fb%23c"},
      {"...", "..."},
      {"..", "error: dot segment in the path"},
      {"a/../b", "error: dot segment in the path"},
      {"a/./b", "error: dot segment in the path"},
      {"%2e%2e/x", "error: dot segment in the path"},
      {"a%2F..%2Fb", "error: dot segment in the path"},
      {"a\\..\\b", "error: dot segment in the path"},
      {"a%5c..%5Cb", "error: dot segment in the path"},
      {"%zz", "error: invalid URL escape \"%zz\""},
  };
  for (const auto& [raw, expected] : cases) EXPECT_EQ(show(path_tail(raw)), expected) << raw;
}

TEST(AppendPathSegment, EncodesWhatGoEncodesAndWhatEndsASegment) {
  const std::pair<const char*, const char*> cases[] = {
      {"azAZ09-_.~", "azAZ09-_.~"},
      {"!$&'()*+,;=:@[]", "!$&'()*+,;=:@[]"},
      {"a/b?c#d%e", "a%2Fb%3Fc%23d%25e"},
      // One byte that needs encoding: Go encodes the whole anew, with a shorter list of what stays.
      {"!$&'()*+,;=:@[] ", "%21$&%27%28%29%2A+,;=:@%5B%5D%20"},
      {"\"<>\\^`{|}\x7f\x01\xc3\xbc", "%22%3C%3E%5C%5E%60%7B%7C%7D%7F%01%C3%BC"},
  };
  for (const auto& [value, expected] : cases) {
    std::string out = "x";
    append_path_segment(out, value);
    EXPECT_EQ(out, "x" + std::string(expected));
  }
}

TEST(AppendQueryEscaped, IsGosQueryEscape) {
  std::string out;
  append_query_escaped(out, "a b+c/d=e&f~-_.*'\xc3\xbc\n");
  EXPECT_EQ(out, "a+b%2Bc%2Fd%3De%26f~-_.%2A%27%C3%BC%0A");
}

TEST(ParseQuery, IsGosParseQuery) {
  EXPECT_THAT(parse_query("b=%26&a=%20+&c"),
              ElementsAre(Pair("b", "&"), Pair("a", "  "), Pair("c", "")));
  EXPECT_THAT(parse_query("a[]=1&a[]=2"), ElementsAre(Pair("a[]", "1"), Pair("a[]", "2")));
  EXPECT_THAT(parse_query("q=a;b&r=2"), ElementsAre(Pair("r", "2")));
  EXPECT_THAT(parse_query("bad=%zz&%z=1&ok=1"), ElementsAre(Pair("ok", "1")));
  EXPECT_THAT(parse_query("k=1?2#frag"), ElementsAre(Pair("k", "1?2#frag")));
  EXPECT_THAT(parse_query("=v&&a=1=2&"), ElementsAre(Pair("", "v"), Pair("a", "1=2")));
  EXPECT_THAT(parse_query(""), ElementsAre());
}

TEST(EscapePath, IsGosDefaultEncoding) {
  EXPECT_EQ(escape_path("/a b/M\xc3\xbc(x)[1]?%"), "/a%20b/M%C3%BC%28x%29%5B1%5D%3F%25");
}

TEST(Target, HidesTheValuesOfSecretParameters) {
  const std::vector<std::string> names = {"key", "token"};
  EXPECT_EQ(masked_query("/a?key=x&b=1&token=&k%65y=y&key", names),
            "/a?key=***&b=1&token=***&k%65y=***&key");
  EXPECT_EQ(masked_query("/key=x", names), "/key=x");
  EXPECT_EQ(masked_query("/a?", names), "/a?");
  EXPECT_EQ(masked_query("/a?key=x?key=y", names), "/a?key=***");
}

}  // namespace
}  // namespace ropewalk::http
