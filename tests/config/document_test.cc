#include "config/document.h"
#include "config/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string repeated(int count, std::string_view text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

// Tables end recursively, so what would nest too deep never gets as far as the library.
TEST(Toml, RefusesDeepKeysBeforeTheyAreRead) {
  const std::string deep = repeated(100'000, "a.") + "a";
  const std::string part = repeated(1500, "a.") + "a";
  for (const std::string& text :
       {"b = 1\n[" + deep + "]\n", "b = 1\n[[" + deep + "]]\n", "b = 1\n" + deep + " = 1\n",
        "b = 1\nc = {" + deep + " = 1}\n", "b = 1\nc = [{" + deep + " = 1}]\n",
        "[" + part + "]\n" + part + " = {" + part + " = 1}\n", "b = \"x\\\"\"\n" + deep + " = 1\n",
        "b = 1\nc = " + repeated(100'000, "[")}) {
    const auto parsed = parse_toml(text, "k.toml");
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message, HasSubstr("k.toml:2:1: nested deeper than 200 levels"));
  }
}

TEST(Toml, ManyDotsThatDoNotNestAreFine) {
  const std::string text = "n = [" + repeated(5000, "1.5, ") + "\n" + repeated(5000, "[2.5],\n") +
                           "]\nt = \"" + repeated(5000, ".[{") + "\" # " + repeated(5000, ".") +
                           "\nm = \"\"\"a\n" + repeated(5000, ".\n") + "\"\"\"\nl = '" +
                           repeated(5000, ".\"") + "'\n" + repeated(5000, "[[a.b]]\nc.d = 1.5\n") +
                           "e = {" + repeated(1, "f.g = 1.5, h.i = 2.5") + "}\n";
  const auto parsed = parse_toml(text, "k.toml");
  EXPECT_TRUE(parsed) << parsed.error().message;
}

TEST(Json, NamesLineAndColumn) {
  const std::pair<std::string_view, const char*> table[] = {
      {"{\n  \"a\": 1,\n}", "k.json:3:1: not valid JSON: unexpected '}'"},
      {"{\"a\": 1}\n{}", "k.json:2:1: not valid JSON"},
      {"{\"a\": tru}", "k.json:1:10: not valid JSON"},
      {"{\"b\": \"1e999\",\n \"port\": [1, -1e999, 2]}",
       "k.json:2:14: not valid JSON: a number is out of range"},
      {"", "k.json: empty"},
      {" \n", "k.json: empty"},
      {"\xef\xbb\xbf{}", "k.json:1:1: not valid JSON: begins with a byte order mark"},
      {"\xef\xbb\xbf", "k.json:1:1: not valid JSON"},
      {std::string_view("{}\n\0", 4), "k.json:2:1: not valid JSON: a NUL byte"},
      {std::string_view("{\"a\":\"\0\"}", 9), "k.json:1:7: not valid JSON: a NUL byte"},
  };
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_json(text, "k.json");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, Kind::config);
    EXPECT_THAT(parsed.error().message, HasSubstr(expected)) << text;
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("\n"))) << text;
  }
}

TEST(Json, NeverShowsWhatItRead) {
  const auto large = parse_json(R"({"password": 12345e67890})", "k.json");
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().message, Not(HasSubstr("12345")));
  EXPECT_THAT(large.error().message, Not(HasSubstr("exception")));
  const auto parsed = parse_json(R"({"password": "hunter2)", "k.json");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, Not(HasSubstr("hunter2")));
}

// Go's decoder takes no byte order mark.
TEST(Json, TakesNoByteOrderMark) {
  const auto read = parse_json("\xef\xbb\xbf{}", "k.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message.find("k.json:1:1: "), 0u) << read.error().message;
}

TEST(Json, LastOfRepeatedKeysWinsWhole) {
  EXPECT_EQ(*parse_json(R"({"a":{"x":1},"a":{"y":2}})", "k"), json::parse(R"({"a":{"y":2}})"));
}

TEST(Json, LoneSurrogatesBecomeReplacementCharacters) {
  const std::pair<const char*, const char*> table[] = {
      {R"(["\ud800"])", "\ufffd"},           {R"(["\udc00x"])", "\ufffdx"},
      {R"(["\ud83d\ude00"])", "\U0001f600"}, {R"(["\ud800\ud83d\ude00"])", "\ufffd\U0001f600"},
      {R"(["\\ud800"])", "\\ud800"},
  };
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_json(text, "k");
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ((*parsed)[0], expected) << text;
  }
}

TEST(Json, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  const std::pair<const char*, const char*> table[] = {
      {"[\"\x80\"]", "\ufffd"},
      {"[\"caf\xe9\"]", "caf\ufffd"},
      {"[\"\xe2\x82x\"]", "\ufffd\ufffdx"},
      {"[\"\xed\xa0\x80\"]", "\ufffd\ufffd\ufffd"},
      {"[\"\xe2\x82\xac \xf0\x9f\x98\x80\"]", "\u20ac \U0001f600"},
  };
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_json(text, "k");
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ((*parsed)[0], expected) << text;
  }
  EXPECT_FALSE(parse_json("{\xff}", "k"));
}

TEST(Json, BoundsNesting) {
  EXPECT_TRUE(parse_json(std::string(kMaxNesting, '[') + std::string(kMaxNesting, ']'), "k"));
  const auto deep = parse_json(std::string(1'000'000, '['), "k");
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, HasSubstr("k:1:201: nested deeper"));
  // Brackets in texts do not nest.
  EXPECT_TRUE(parse_json("[\"" + std::string(1000, '[') + "\"]", "k"));
}

TEST(Yaml, ReadsTheFormsOfYaml12) {
  const auto parsed = parse_yaml(R"(
base: &base { a: 1, b: text }
merged: { <<: *base, b: own }
hex: 0x1F90
octal: [0o17, 017]
numbers: [1.10, .5, 1e3, -7, 1_000]
words: [yes, no, on, ~, null, true, False]
quoted: ["1", 'true', "~", !!str 5]
date: 2024-02-01
404: number as key
block: >-
  /orders
)",
                                 "k.yaml");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, json::parse(R"({
    "base": {"a": 1, "b": "text"}, "merged": {"a": 1, "b": "own"},
    "hex": 8080, "octal": [15, 15], "numbers": [1.1, 0.5, 1000.0, -7, 1000],
    "words": ["yes", "no", "on", null, null, true, false],
    "quoted": ["1", "true", "~", "5"], "date": "2024-02-01T00:00:00Z",
    "404": "number as key", "block": "/orders"})"));
}

TEST(Yaml, OnlyTheFirstDocumentCounts) {
  EXPECT_EQ(*parse_yaml("a: 1\n---\na: 2\n", "k"), json::parse(R"({"a":1})"));
}

TEST(Yaml, NamesThePlaceOfAnError) {
  const std::pair<const char*, const char*> table[] = {
      {"a: 1\nb: 2\na: 3\n", "k.yaml:3:1: the key \"a\" is given twice"},
      {"a:\n\t- b\n", "k.yaml:2:"},
      {"a: [1\n", "k.yaml:"},
      {"? [a]\n: b\n", "expected a text as key"},
      {"<<: 5\n", "merges maps only"},
      {"a: *missing\n", "k.yaml:1:"},
      {"", "k.yaml: empty"},
  };
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_yaml(text, "k.yaml");
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(expected)) << text;
  }
}

TEST(Yaml, BoundsNestingAndAliases) {
  EXPECT_FALSE(parse_yaml(std::string(5000, '['), "k"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const auto grown = parse_yaml(bomb, "k");
  ASSERT_FALSE(grown);
  EXPECT_THAT(grown.error().message, HasSubstr("too large"));
}

TEST(GoJson, WritesNumbersAsGoDoes) {
  const std::pair<const char*, const char*> table[] = {
      {"9007199254740993", "9007199254740992"},
      {"1.10", "1.1"},
      {"1e3", "1000"},
      {"1e21", "1e+21"},
      {"1e20", "100000000000000000000"},
      {"0.0000001", "1e-7"},
      {"0.000001", "0.000001"},
      {"-5", "-5"},
      {R"({"b":[1.0,{},[]],"a":null})", R"({"a":null,"b":[1,{},[]]})"},
      {R"("x\"y")", R"("x\"y")"},
      {"false", "false"},
  };
  for (const auto& [text, expected] : table)
    EXPECT_EQ(go_json(json::parse(text)), expected) << text;
}

TEST(Environment, SetsRootAndNestedKeys) {
  json document = json::parse(R"({"port": 1, "tls": {"keys": []}, "name": "a"})");
  const auto variables = apply_environment(document, {{"KRAKEND_PORT", "8080"},
                                                      {"KRAKEND_TLS.DISABLED", "true"},
                                                      {"KRAKEND_NAME.DEEP.KEY", "x"},
                                                      {"KRAKEND_", "y"},
                                                      {"krakend_timeout", "1s"},
                                                      {"PATH", "/bin"}});
  EXPECT_EQ(document, json::parse(R"({"port": "8080", "tls": {"keys": [], "disabled": "true"},
                                      "name": {"deep": {"key": "x"}}})"));
  EXPECT_EQ(variables.at("port"), "KRAKEND_PORT");
  EXPECT_EQ(variables.size(), 3U);
}

}  // namespace
}  // namespace ropewalk::config
