#include "dataplane/codec/yaml.h"

#include "dataplane/codec/negotiate.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace ropewalk::codec {
namespace {

struct YamlCase {
  std::string_view in;
  std::string_view out;
};

std::string yaml(std::string_view text, const YamlWriting& writing = {}) {
  const auto out = encode_yaml(*json::parse(text), writing);
  return out ? *out : "error";
}

TEST(YamlEncode, Blocks) {
  const YamlCase cases[] = {
      {"null", "{}\n"},
      {"{}", "{}\n"},
      {R"({"z":null,"a":{"k":"v","e":{},"l":[]}})", "a:\n  e: {}\n  k: v\n  l: []\nz: null\n"},
      {R"({"t":["a","b"]})", "t:\n- a\n- b\n"},
      {R"({"l":[{"s":"A","q":"x"},{"q":["x",["v","z"],[]],"s":{"a":true}}]})",
       "l:\n- q: x\n  s: A\n- q:\n  - x\n  - - v\n    - z\n  - []\n  s:\n    a: true\n"},
      {R"({"m":{"l":["a",{"b":["c"]}]}})", "m:\n  l:\n  - a\n  - b:\n    - c\n"},
      {R"({"a":"one\ntwo\n","b":"x\ny","c":{"d":"e\n\nf\n\n"},"l":["p\n\nq\n"]})",
       "a: |\n  one\n  two\nb: |-\n  x\n  y\nc:\n  d: |+\n    e\n    \n    f\n\nl:\n- |\n  p\n\n  "
       "q\n"},
  };
  for (const YamlCase& one : cases) EXPECT_EQ(yaml(one.in), one.out) << one.in;
}

TEST(YamlEncode, Numbers) {
  EXPECT_EQ(yaml(R"({"a":1.10,"b":1,"big":9007199254740993,"e":1e3,"f":1.5e3,"g":-5,"h":-0})"),
            "a: \"1.10\"\nb: \"1\"\nbig: \"9007199254740993\"\ne: 1e3\nf: \"1.5e3\"\ng: \"-5\"\n"
            "h: \"-0\"\n");
  const std::string_view names[] = {"s"};
  EXPECT_EQ(
      yaml(R"({"b":5,"s":[5,1.5,0.00001,1000000,123456,-0,1e21,{"d":0.1}]})", {.floats = names}),
      "b: \"5\"\ns:\n- 5.0\n- 1.5\n- 1e-05\n- 1e+06\n- 123456.0\n- -0.0\n- 1e+21\n- d: 0.1\n");
}

TEST(YamlEncode, ErrorDetails) {
  const std::string_view names[] = {"error_shop"};
  EXPECT_EQ(
      yaml(
          R"({"error_shop":{"http_status_code":404,"http_body":"{\"w\":\"<>\"}","http_body_encoding":"text/x"},"id":7})",
          {.details = names}),
      "error_shop:\n  httpresponseerror:\n    http_status_code: 404\n"
      "    http_body: \"{\\\"w\\\":\\\"<>\\\"}\"\n    http_body_encoding: text/x\nid: \"7\"\n");
}

TEST(YamlEncode, TextsAreQuotedWhereTheyWouldReadAsSomethingElse) {
  for (const char* text : {"",
                           "true",
                           "False",
                           "null",
                           "~",
                           "yes",
                           "N",
                           "off",
                           "12",
                           "-5",
                           "+5",
                           "1_000",
                           "0x1f",
                           "0o7",
                           "0b1",
                           "007",
                           "1.5",
                           ".5",
                           "5.",
                           "1.5e-3",
                           "-.5",
                           "99999999999999999999999",
                           ".inf",
                           "-",
                           "?",
                           "<<",
                           "a: b",
                           "a #b",
                           "#a",
                           "- x",
                           "*x",
                           "&x",
                           "!x",
                           "%x",
                           "@x",
                           "`x",
                           "{a}",
                           "[a]",
                           "'a'",
                           "\"a\"",
                           ",a",
                           "|a",
                           ">a",
                           " x",
                           "x ",
                           "a:",
                           "a\\b",
                           "2026-01-02",
                           "2026-01-02T03:04:05Z",
                           "2026-01-02 03:04:05.5",
                           "2026-01-02t03:04:05+01:00",
                           "9:30",
                           "09:30",
                           "\tx",
                           "x\t",
                           "\n",
                           "\n x",
                           "a\rb",
                           "\x01",
                           "\xC2\x85",
                           "\xE2\x80\xA8",
                           "\xEF\xBB\xBFx",
                           "? x"}) {
    json::Value data;
    data.set("k", text);
    EXPECT_TRUE(encode_yaml(data, {})->starts_with("k: \"")) << text;
  }
}

TEST(YamlEncode, OtherTextsArePlain) {
  for (const char* text :
       {"plain",      "it's \"q\"", "<b>&</b>", "日本 – é 😀", "a\tb",       "1e3",
        "1.2.3",      "_1",         "08",       "0x",          "--5",        "1.5e",
        "2026-13-02", "2026-02-29", "24:00",    "9:60",        "http://x/y", "a-b",
        "a:b",        "-a",         "?a",       "Yes!",        "a,b]"}) {
    json::Value data;
    data.set("k", text);
    EXPECT_EQ(*encode_yaml(data, {}), "k: " + std::string(text) + "\n");
  }
}

TEST(YamlEncode, KeysAreQuotedLikeTexts) {
  EXPECT_EQ(yaml(R"({"":4,"-":3,"1":2,"a b":"x","n":"y","a\nb":"z"})"),
            "\"\": \"4\"\n\"-\": \"3\"\n\"1\": \"2\"\n\"a\\nb\": z\na b: x\n\"n\": \"y\"\n");
}

// What another parser reads is what went in.
TEST(YamlEncode, IsReadBackByAParser) {
  for (const char* text : {"",
                           "true",
                           "1",
                           "a: b",
                           "#",
                           "- x",
                           "one\ntwo\n",
                           "one\ntwo",
                           "one\n\n\n",
                           "one\n\ntwo\n",
                           "a\rb",
                           "a\r\nb\r\n",
                           "\n",
                           "\n\n",
                           "\nx",
                           "\n\tx",
                           "\x01\x1f\x7f",
                           "é\xC2\x85\xE2\x80\xA8",
                           "\\\"",
                           "a\tb",
                           "---",
                           "...",
                           "? a",
                           "{",
                           "}",
                           "a: \n",
                           "x:\ty",
                           "x:\ny",
                           "\ta",
                           "'",
                           "<<",
                           "=",
                           "!!str a",
                           "a\n#b\n",
                           "a\n- b: c\n"}) {
    json::Value data;
    data.set("k", text);
    data.set("l", json::Value::List{json::Value(text)});
    data.set(text, "key");
    const std::string yaml = *encode_yaml(data, {});
    YAML::Node read;
    ASSERT_NO_THROW(read = YAML::Load(yaml)) << yaml;
    EXPECT_EQ(read["k"].as<std::string>(), text) << yaml;
    EXPECT_EQ(read["l"][0].as<std::string>(), text) << yaml;
    EXPECT_EQ(read[std::string(text)].as<std::string>(), "key") << yaml;
  }
}

TEST(YamlEncode, BoundsSizeAndDepth) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{\"a\":";
  std::string list = "[0";
  for (int i = 0; i < 1000; ++i) list += ",0";
  EXPECT_EQ(encode_yaml(*json::parse(deep + list + "]" + std::string(1000, '}')),
                        {.max_bytes = 1'000'000})
                .error()
                .kind,
            Kind::too_large);
  EXPECT_FALSE(encode_yaml(
      *json::parse("{\"a\":" + std::string(3000, '[') + std::string(3000, ']') + "}"), {}));
}

TEST(Negotiate, TheFirstEntryOnOfferWins) {
  using enum Negotiated;
  const std::pair<std::string_view, Negotiated> cases[] = {
      {"", json},
      {"application/json", json},
      {"application/xml", xml},
      {"text/xml", json},
      {"text/plain", yaml},
      {"text/html", json},
      {"application/x-yaml", yaml},
      {"application/yaml", json},
      {"*/*", json},
      {"*", json},
      {"application/*", json},
      {"text/*", yaml},
      {"application/xml;q=0.1, application/json;q=0.9", xml},
      {"text/html, application/xml;q=0.9, */*;q=0.8", xml},
      {"Application/XML", json},
      {" application/xml ", xml},
      {"application/vnd.api+json", json},
      {"application/xml; charset=utf-8", xml},
      {"application/jso", json},
      {"application/xm*", xml},
      {"application/x", xml},
      {"application/x-", yaml},
      {"t", yaml},
      {"image/png,", json},
      {";q=1,text/plain", yaml},
      {"application/xml*,text/plain", yaml},
      {"application/xmls", json},
  };
  for (const auto& [accept, wanted] : cases) EXPECT_EQ(negotiate(accept), wanted) << accept;
}

}  // namespace
}  // namespace ropewalk::codec
