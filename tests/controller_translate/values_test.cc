#include "controller/translate/values.h"

#include <gtest/gtest.h>

namespace ropewalk::controller {
namespace {

using Strings = std::vector<std::string>;

TEST(Values, Boolean) {
  EXPECT_EQ(parse_boolean("true"), true);
  EXPECT_EQ(parse_boolean("false"), false);
  EXPECT_EQ(parse_boolean("False"), false);
  EXPECT_EQ(parse_boolean("TRUE"), true);
  for (const char* text : {"1", "off", "no", "yes", "on", ""})
    EXPECT_FALSE(parse_boolean(text)) << text;
}

TEST(Values, Integer) {
  EXPECT_EQ(parse_integer("-3"), -3);
  for (const char* text : {"1.5", "0x1", "99999999999", "", "1 "})
    EXPECT_FALSE(parse_integer(text)) << text;
}

TEST(Values, Duration) {
  for (const char* text : {"800ms", "1m30s", "1.5s", "2h"})
    EXPECT_EQ(parse_positive_duration(text), text);
  for (const char* text : {"3", "0s", "-1s", "1 s", "soon", ""})
    EXPECT_FALSE(parse_positive_duration(text)) << text;
}

TEST(Values, List) {
  EXPECT_EQ(parse_list("a, b ,c"), (Strings{"a", "b", "c"}));
  EXPECT_EQ(parse_list(R"(["a,b", "c"])"), (Strings{"a,b", "c"}));
  for (const char* text : {"a,,b", "a,", "[1]", "[", R"([""])", "a\nb,c"})
    EXPECT_FALSE(parse_list(text)) << text;
}

TEST(Values, MappingKeepsItsOrder) {
  EXPECT_EQ(parse_mapping("b=1, a=2"), (Mapping{{"b", "1"}, {"a", "2"}}));
  EXPECT_EQ(parse_mapping(R"({"b":"x=y","a":"2"})"), (Mapping{{"b", "x=y"}, {"a", "2"}}));
  for (const char* text : {"a", "a=", "=b", "a=b=c", "a=1,a=2", R"({"a":1})", "{"})
    EXPECT_FALSE(parse_mapping(text)) << text;
}

TEST(Values, HostPattern) {
  EXPECT_EQ(parse_host_pattern("Shop.Example.COM"), "shop.example.com");
  EXPECT_EQ(parse_host_pattern("*.example.com"), "*.example.com");
  for (const char* text : {"*", "a.*.com", "shop.example.com:80", "http://x", "1.2.3.4", "a..b",
                           "-a.com", "a_b.com", "*.1", "::1"})
    EXPECT_FALSE(parse_host_pattern(text)) << text;
  EXPECT_EQ(parse_host_patterns("b.com,a.com,B.com"), (Strings{"a.com", "b.com"}));
}

TEST(Values, HostHeader) {
  for (const char* text : {"preserve", "api.example.com", "api:8080", "10.0.0.1:80"})
    EXPECT_EQ(parse_host_header(text), text);
  for (const char* text : {"a b", "a:", "a:0", "a:65536", "a:+1", "a/b", "a\r\nX: y", "a:x"})
    EXPECT_FALSE(parse_host_header(text)) << text;
}

TEST(Values, Path) {
  for (const char* text : {"/", "/v1/{id}", "/a?b={id}"}) EXPECT_EQ(parse_path(text), text);
  for (const char* text : {"a", "//a", "/a b", "/a\tb", ""}) EXPECT_FALSE(parse_path(text)) << text;
}

TEST(Values, BracesOfAnEndpointAreInPairs) {
  for (const char* text : {"/", "/{id}", "/a/{b}/{c}"}) EXPECT_EQ(parse_endpoint_path(text), text);
  for (const char* text : {"/{id", "/id}", "/{{id}}", "/}a{", "a"})
    EXPECT_FALSE(parse_endpoint_path(text)) << text;
}

TEST(Values, Names) {
  EXPECT_TRUE(parse_object_name("a-1.b"));
  for (const char* text : {"A", "a/b", "a_b", "", "-a", "."})
    EXPECT_FALSE(parse_object_name(text)) << text;
  EXPECT_EQ(parse_namespaces("b,a"), (Strings{"b", "a"}));
  EXPECT_FALSE(parse_namespaces("*"));
}

TEST(Values, QuotedForMessages) {
  EXPECT_EQ(in_quotes("a\nb"), "\"a b\"");
  EXPECT_EQ(in_quotes(std::string(80, 'x')), "\"" + std::string(80, 'x') + "\"");
  EXPECT_EQ(in_quotes(std::string(100, 'x')), "\"" + std::string(77, 'x') + "...\"");
  // Cut between characters: half of one would make a whole Delta unreadable.
  EXPECT_EQ(in_quotes(std::string(76, 'x') + "\u00e9\u00e9\u00e9\u00e9"),
            "\"" + std::string(76, 'x') + "...\"");
}

}  // namespace
}  // namespace ropewalk::controller
