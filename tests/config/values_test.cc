// Durations, weak numbers and booleans, encodings.
#include "config/duration.h"
#include "config/encoding.h"
#include "config/number.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace ropewalk::config {
namespace {

using nlohmann::json;

TEST(Duration, ReadsWhatGoReads) {
  const std::pair<const char*, std::int64_t> table[] = {
      {"0", 0},
      {"0s", 0},
      {"1ns", 1},
      {"2us", 2'000},
      {"2\u00b5s", 2'000},
      {"2\u03bcs", 2'000},
      {"300ms", 300'000'000},
      {"1.5s", 1'500'000'000},
      {".5s", 500'000'000},
      {"1.s", 1'000'000'000},
      {"1m30s", 90'000'000'000},
      {"1h0m5s", 3'605'000'000'000},
      {"-1s", -1'000'000'000},
      {"+3s", 3'000'000'000},
      {"-0", 0},
      {"1.9999999999s", 1'999'999'999},
      {"9223372036854775807ns", std::numeric_limits<std::int64_t>::max()},
  };
  for (const auto& [text, nanoseconds] : table)
    EXPECT_EQ(parse_duration(text), nanoseconds) << text;
}

TEST(Duration, RefusesWhatGoRefuses) {
  for (const char* text : {"", "-", "5", "1d", "soon", "1 s", " 1s", "1s ", ".s", "s", "1.2.3s",
                           "9223372036854775808ns", "300000000h", "1s-1s", "--1s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(WeakInteger, ReadsNumbersTextsAndBooleans) {
  const std::pair<json, std::int64_t> table[] = {
      {7, 7},         {-7, -7},         {3.9, 3},    {-3.9, -3},   {true, 1},   {false, 0},
      {"8080", 8080}, {"0x1F90", 8080}, {"0b11", 3}, {"0o17", 15}, {"017", 15}, {"1_000", 1000},
      {"", 0},        {"-5", -5},       {"+5", 5},   {nullptr, 0}, {"0", 0},    {"0x_1", 1},
  };
  for (const auto& [value, number] : table) EXPECT_EQ(weak_integer(value), number) << value;
}

TEST(WeakInteger, RefusesTheRest) {
  for (const json& value :
       {json("web"), json("3.0"), json("1__0"), json("_1"), json("1_"), json("0x"), json(" 1"),
        json("1e3"), json(1e30), json::array(), json::object(), json("9223372036854775808"),
        json(std::numeric_limits<std::uint64_t>::max()), json("--1")})
    EXPECT_FALSE(weak_integer(value)) << value;
}

TEST(WeakBoolean, KnowsTheWordsOfGo) {
  for (const json& value :
       {json(true), json("true"), json("T"), json("1"), json("True"), json(1), json(-1), json(0.5)})
    EXPECT_EQ(weak_boolean(value), true) << value;
  for (const json& value : {json(false), json("false"), json("F"), json("0"), json(""), json(0)})
    EXPECT_EQ(weak_boolean(value), false) << value;
  for (const json& value : {json("yes"), json("on"), json("tRUE"), json::array(), json::object()})
    EXPECT_FALSE(weak_boolean(value)) << value;
}

TEST(NumberText, HasNoExponentAndNoTrailingZero) {
  EXPECT_EQ(number_text(42), "42");
  EXPECT_EQ(number_text(2.5), "2.5");
  EXPECT_EQ(number_text(3.0), "3");
  EXPECT_EQ(number_text(1e21), "1000000000000000000000");
}

TEST(BackendEncoding, FollowsKrakenD) {
  const std::pair<const char*, v1::Encoding> table[] = {
      {"", v1::ENCODING_JSON},
      {"json", v1::ENCODING_JSON},
      {"JSON", v1::ENCODING_JSON},
      {" json", v1::ENCODING_JSON},
      {"none", v1::ENCODING_JSON},
      {"fast-json", v1::ENCODING_JSON},
      {"safejson", v1::ENCODING_SAFEJSON},
      {"SafeJSON", v1::ENCODING_SAFEJSON},
      {"string", v1::ENCODING_STRING},
      {"no-op", v1::ENCODING_NO_OP},
      {"NO-OP", v1::ENCODING_STRING},
      {"Xml", v1::ENCODING_XML},
      {"rss", v1::ENCODING_RSS},
      {"yaml", v1::ENCODING_JSON},
  };
  for (const auto& [name, encoding] : table)
    EXPECT_EQ(parse_backend_encoding(name), encoding) << name;
  for (const char* name : {" json", "none", "yaml"})
    EXPECT_FALSE(known_backend_encoding(name)) << name;
  for (const char* name : {"", "Json", "fast-json", "xml", "NO-OP"})
    EXPECT_TRUE(known_backend_encoding(name)) << name;
}

TEST(OutputEncoding, NamesAreExact) {
  EXPECT_EQ(parse_output_encoding("json-collection"), v1::ENCODING_JSON_COLLECTION);
  EXPECT_EQ(parse_output_encoding("string"), v1::ENCODING_STRING);
  EXPECT_EQ(parse_output_encoding("fast-json"), v1::ENCODING_JSON);
  EXPECT_EQ(parse_output_encoding("xml"), v1::ENCODING_XML);
  EXPECT_EQ(parse_output_encoding("yaml"), v1::ENCODING_YAML);
  EXPECT_EQ(parse_output_encoding("negotiate"), v1::ENCODING_NEGOTIATE);
  EXPECT_EQ(parse_output_encoding("STRING"), v1::ENCODING_UNSPECIFIED);
  EXPECT_EQ(parse_output_encoding("XML"), v1::ENCODING_UNSPECIFIED);
}

TEST(RenderOf, IsTheEncoderOfThatNameOrJson) {
  EXPECT_EQ(render_of("string"), v1::ENCODING_STRING);
  EXPECT_EQ(render_of("no-op"), v1::ENCODING_NO_OP);
  EXPECT_EQ(render_of("json-collection"), v1::ENCODING_JSON_COLLECTION);
  EXPECT_EQ(render_of("safejson"), v1::ENCODING_JSON);
  EXPECT_EQ(render_of("csv"), v1::ENCODING_JSON);
}

}  // namespace
}  // namespace ropewalk::config
