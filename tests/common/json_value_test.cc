#include "common/json/value.h"

#include <gtest/gtest.h>

namespace ropewalk::json {
namespace {

TEST(JsonValue, KeepsWhatItReads) {
  for (const char* text : {"null", "true", "-0", "1.50e3", "123456789012345678901234567890",
                           R"("a\"b\\\n\u0001")", R"({"a":[1,{"b":null}],"c":"é€😀"})", "[]", "{}"})
    EXPECT_EQ(to_string(*parse(text)), text);
}

TEST(JsonValue, DecodesEscapes) {
  EXPECT_EQ(parse(R"("\u00e9\ud83d\ude00\/\ud800x")")->string(), "é😀/\xEF\xBF\xBDx");
  EXPECT_EQ(parse("\"a\xFFz\"")->string(), "a\xEF\xBF\xBDz");
}

TEST(JsonValue, WritesOnlyUtf8) {
  EXPECT_EQ(to_string(Value("a\xFFé\xE2\x82")), "\"a\xEF\xBF\xBDé\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonValue, LastOfEqualKeysCounts) {
  EXPECT_EQ(to_string(*parse(R"({"a":1,"b":2,"\u0061":3})")), R"({"a":3,"b":2})");
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  const auto value = parse(many + R"("k3":7,"k39":8})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->members().size(), 40u);
  EXPECT_EQ(value->find("k3")->as_integer(), 7);
  EXPECT_EQ(value->find("k39")->as_integer(), 8);
}

TEST(JsonValue, RefusesWhatIsNoJson) {
  for (const char* text :
       {"",      "{",   "[1,]", "{\"a\":1,}", "01",       "1.",      ".5",          "+1",
        "-",     "1e",  "nul",  "'a'",        "\"\n\"",   "\"\\x\"", "\"\\u12g4\"", "{a:1}",
        "[1 2]", "1 2", "\"a",  "NaN",        "{\"a\" 1}"})
    EXPECT_FALSE(parse(text)) << text;
  EXPECT_EQ(parse("[1,x]").error().message, "expected a value at byte 3");
}

TEST(JsonValue, BoundsTheDepth) {
  EXPECT_TRUE(parse("[[[]]]", 3));
  EXPECT_FALSE(parse("[[[]]]", 2));
  EXPECT_TRUE(parse("[[],[],{}]", 2));
}

TEST(JsonValue, ComparesAsJson) {
  EXPECT_EQ(*parse(R"({"a":1,"b":[2.0]})"), *parse(R"({"b":[2],"a":1e0})"));
  EXPECT_FALSE(*parse("[1,2]") == *parse("[2,1]"));
  EXPECT_FALSE(*parse("9007199254740993") == *parse("9007199254740992"));
  EXPECT_FALSE(Value("1") == Value::number(std::int64_t{1}));
}

TEST(JsonValue, ChangesMembers) {
  Value value;
  value.set("a", Value::number(0.1));
  value.set("b", true);
  value.set("a", "x");
  EXPECT_EQ(to_string(value), R"({"a":"x","b":true})");
  EXPECT_TRUE(value.erase("a"));
  EXPECT_FALSE(value.erase("a"));
  EXPECT_EQ(value.find("a"), nullptr);
}

TEST(JsonValue, ReadsNumbers) {
  EXPECT_EQ(parse("1e2")->as_integer(), 100);
  EXPECT_EQ(parse("1.5")->as_integer(), std::nullopt);
  EXPECT_EQ(parse("9223372036854775808")->as_integer(), std::nullopt);
  EXPECT_EQ(parse("-1e400")->as_double(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse("1e-400")->as_double(), 0);
}

}  // namespace
}  // namespace ropewalk::json
