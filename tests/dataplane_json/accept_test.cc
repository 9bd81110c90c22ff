// What counts as JSON: the tables decide, the scanner and the projection must both agree with them.
#include "dataplane/json/filter.h"
#include "dataplane/json/scanner.h"
#include "dataplane/json/scratch.h"
#include "dataplane/json/selection.h"
#include "tests/dataplane_json/run.h"

#include <gtest/gtest.h>

namespace ropewalk::json {
namespace {

using namespace std::string_literals;

// Values; each is tried alone in an array, in an object and below other levels.
const std::string kAccepted[] = {
    "0",
    "-0",
    "7",
    "-1",
    "10",
    "1234567890",
    "0.5",
    "-0.0",
    "1.10",
    "0e0",
    "0E+1",
    "1e5",
    "1E-5",
    "1.5e+10",
    "123456789012345678901234567890",
    "1e400",
    "-1e-999999",
    "0.1e1",
    "1" + std::string(2000, '0'),
    "true",
    "false",
    "null",
    "\"\"",
    "\"text\"",
    "\"\x7F\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0000\\u00e9\\uFFFF\"",
    "\"\\uD83D\\uDE00\"",
    "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
    "\"\xEF\xBF\xBE\"",
    "\"}{][:,\"",
    "\"\\\\\"",
    "\"\\\\\\\"\"",
    "[]",
    "[ ]",
    "{}",
    "{\t}",
    "[[]]",
    "[{}]",
    "[1,2]",
    "[ 1 , 2 ]",
    "{\"a\":{}}",
    "{\"\":0}",
    "{ \"a\" : [ ] }",
    "{\"a\":1,\"a\":2}",
    "[\"a\",[\"b\",{\"c\":[null]}]]",
    // What Go repairs.
    "\"\\ud800\"",
    "\"\\udc00x\"",
    "\"\\ud800\\ud800\\udc00\"",
    "\"\\uDFFF\\uD800\"",
    "\"\xFF\"",
    "\"\xC0\x80\"",
    "\"\xE2\x82\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xC3\"",
};

const std::string kRejected[] = {
    "+1",
    "-",
    "--1",
    "01",
    "-01",
    "00",
    "1.",
    ".5",
    "-.5",
    "1.e1",
    "1e",
    "1e+",
    "1E-",
    "1.5.5",
    "1e5.5",
    "0x10",
    "1_000",
    "1a",
    "1 2",
    "Infinity",
    "-Infinity",
    "NaN",
    "nan",
    "inf",
    "True",
    "TRUE",
    "tru",
    "truee",
    "true1",
    "fals",
    "falsey",
    "nul",
    "nulll",
    "None",
    "undefined",
    "'a'",
    "\"a",
    "a\"",
    "\"a\"b",
    "\"a\"\"b\"",
    "\"\t\"",
    "\"\n\"",
    "\"\0\""s,
    "\"\x1F\"",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\u\"",
    "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\U0041\"",
    "\"\\'\"",
    "\"\\\xC3\xA9\"",
    "\"\\ud800\\u12\"",
    "\\u0041",
    "[",
    "{",
    "}",
    "[}",
    "{]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1:2]",
    "[\"a\" \"b\"]",
    "[[1]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{,\"a\":1}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\" 1}",
    "{\"a\"::1}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{[]:1}",
    "{\"a\":1]",
    "{\"a\":1",
    "{\"a\"",
    "{\"a\":",
    "{:1}",
    "{\"a\":1}}",
    "/**/1",
    "1/**/",
    "1//",
    "#",
    "\f1",
    "1\f",
    "\x1A",
    "\xEF\xBB\xBF"
    "1",
    "\xC2\xA0"
    "1",
    "1\xFF",
    "\xFF",
    "\x00"s,
    "1\0"s,
    "\\",
    ":",
    ",",
    "*",
    "a:b",
    "t rue",
    "- 1",
    "1 .5",
    "\"\\ud83d\xFF",
    "{\"\t\":1}",
    "{\"\\x\":1}",
};

struct Placing {
  const char* before;
  const char* after;
};
constexpr Placing kInside[] = {
    {"[", "]"},
    {"[0,", "]"},
    {"[", ",{}]"},
    {"[ ", " ]"},
    {"[[[\n", "]]]"},
    {"[{\"k\":", "}]"},
    {"[{\"k\" : ", " , \"l\":[]}]"},
    {"[\"\\n\",", "]"},
    {"[\"\\ud800\\u0041\xFF\",", "]"},
};

bool scanned(std::string_view text) {
  std::vector<char> levels;
  return scan(text, 10000, levels).has_value();
}

bool accepted(const std::string& answer) { return !answer.starts_with("error: "); }

TEST(Accept, ScannerAndProjectionAgreeWithTheTables) {
  for (const auto& [before, after] : kInside) {
    for (const std::string& value : kAccepted) {
      const std::string array = before + value + after;
      EXPECT_TRUE(scanned(array)) << array;
      EXPECT_TRUE(accepted(answer({.is_collection = true}, array))) << array;
      EXPECT_TRUE(accepted(answer({}, "{\"x\":" + array + "}"))) << array;
      EXPECT_TRUE(accepted(answer({.group = "g"}, "{\"x\":" + array + "}"))) << array;
    }
    for (const std::string& value : kRejected) {
      const std::string array = before + value + after;
      EXPECT_FALSE(scanned(array)) << array;
      EXPECT_FALSE(accepted(answer({.is_collection = true}, array))) << array;
      EXPECT_FALSE(accepted(answer({}, "{\"x\":" + array + "}"))) << array;
      EXPECT_FALSE(accepted(answer({.group = "g"}, "{\"x\":" + array + "}"))) << array;
      EXPECT_FALSE(accepted(answer({.target = "t"}, "{\"x\":" + array + "}"))) << array;
      EXPECT_FALSE(accepted(answer({.deny = {"x"}}, "{\"x\":" + array + "}"))) << array;
      EXPECT_FALSE(accepted(answer({.allow = {"y"}}, "{\"x\":" + array + "}"))) << array;
    }
  }
}

TEST(Accept, WhatFollowsTheFirstValueIsIgnored) {
  for (const std::string tail :
       {"", " ", "x", "}", "]", ",", ":", "\"", "\"open", "\\", "\xFF", "\xE2\x82", " {", "1e"}) {
    EXPECT_EQ(answer({}, "{\"a\":[1]}" + tail), "{\"a\":[1]}") << tail;
    EXPECT_EQ(answer({.is_collection = true}, " [1]" + tail), "{\"collection\":[1]}") << tail;
    EXPECT_EQ(answer({.group = "g"}, "null" + tail), "{\"g\":null}") << tail;
  }
  EXPECT_EQ(answer({.group = "g"}, "nullx"), "{\"g\":null}");
}

TEST(Accept, EveryPrefixOfADocumentIsTruncated) {
  const std::string document = "{\"a\":[1.5e3,true,null,\"\\u00e9\\n\xC3\xA9\"],\"b\":{\"c\":-0}}";
  for (std::size_t size = 0; size < document.size(); ++size) {
    const std::string cut = document.substr(0, size);
    for (const Rules& rules : {Rules{}, Rules{.group = "g"}, Rules{.target = "b"},
                               Rules{.allow = {"b.c"}}, Rules{.deny = {"a"}}}) {
      EXPECT_FALSE(accepted(answer(rules, cut))) << cut;
    }
  }
}

TEST(Accept, Depth) {
  auto nested = [](std::size_t levels, const char* open, const char* close) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
  };
  for (const Rules& rules :
       {Rules{}, Rules{.group = "g"}, Rules{.target = "a.a.a"}, Rules{.allow = {"a.a.a"}},
        Rules{.deny = {"a.a.b"}}, Rules{.mapping = {{"a", "b"}}}}) {
    EXPECT_TRUE(accepted(answer(rules, nested(10000, "{\"a\":", "}"))));
    EXPECT_EQ(answer(rules, nested(10001, "{\"a\":", "}")),
              "error: the body is not JSON: nested deeper than 10000 levels at byte 50000");
    EXPECT_TRUE(accepted(answer(rules, nested(3, "{\"a\":", "}"), 3)));
    EXPECT_FALSE(accepted(answer(rules, nested(4, "{\"a\":", "}"), 3)));
    // Levels that are closed again do not count.
    EXPECT_TRUE(accepted(answer(rules, "{\"a\":{\"b\":{}},\"c\":[[]]}", 3)));
  }
  EXPECT_TRUE(accepted(answer({.is_collection = true}, nested(10000, "[", "]"))));
  EXPECT_FALSE(accepted(answer({.is_collection = true}, nested(10001, "[", "]"))));
  EXPECT_FALSE(accepted(answer({.is_collection = true}, std::string(1000000, '['))));
}

TEST(Accept, RepairsWhatGoRepairs) {
  // Expectations from Go 1.26: the same body decoded and encoded.
  const std::pair<std::string, const char*> cases[] = {
      {"{\"a\":\"\xFF\xE2\x82\"}", "{\"a\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}"},
      {"{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}"},
      {R"({"a":"\ud800"})", R"({"a":"\ufffd"})"},
      {R"({"a":"\ud800\ud800\udc00"})", R"({"a":"\ufffd\ud800\udc00"})"},
      {R"({"a":"\\ud800"})", R"({"a":"\\ud800"})"},
      {R"({"a":"\uDE00\uD83D"})", R"({"a":"\ufffd\ufffd"})"},
      {"{\"\\ud800\":1,\"\xFF\":2}", R"({"\ufffd":2})"},
      {"{\"n\":123456789012345678901234567890,\"s\":\"\xFF\"} tail",
       "{\"n\":123456789012345678901234567890,\"s\":\"\xEF\xBF\xBD\"}"},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(answer({}, body), expected);
}

TEST(Accept, MessagesNameThePlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the body is empty"},
      {" \r\n\t ", "the body is empty"},
      {"{\"a\":", "the body ends inside a JSON value"},
      {"{\"a\":\"\\u12", "the body ends inside a JSON value"},
      {"<html>", "the body is not JSON: unexpected '<' at byte 0"},
      {"{\"a\":1,}", "the body is not JSON: unexpected '}' at byte 7"},
      {"{\"a\":\"x\ty\"}", "the body is not JSON: unexpected 0x09 at byte 7"},
      {"{\"a\":\"\\q\"}", "the body is not JSON: bad escape sequence at byte 6"},
      {"\xEF\xBB\xBF{}", "the body is not JSON: unexpected 0xEF at byte 0"},
      {"{\"a\":01}", "the body is not JSON: unexpected '1' at byte 6"},
      {"42", "the body is a JSON number, expected an object"},
      {"true", "the body is a JSON boolean, expected an object"},
  };
  for (const auto& [body, expected] : cases) {
    EXPECT_EQ(answer({}, body), "error: "s + expected) << body;
  }
}

}  // namespace
}  // namespace ropewalk::json
