// What hostile bodies and schemas may cost.
#include "common/json_schema/json_schema.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

std::optional<json::Value> no_document(const std::string&) { return std::nullopt; }

std::shared_ptr<const Validator> compiled(std::string_view schema) {
  auto made = Validator::compile(*json::parse(schema), "test:///schema", no_document);
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : nullptr;
}

TEST(JsonSchemaLimits, CombinationsDoNotBlowUp) {
  // Each level asks two branches, which ask the next: 2^depth.
  const auto validator = compiled(
      R"({"$defs":{"n":{"anyOf":[{"properties":{"a":{"$ref":"#/$defs/n"}},"required":["x"]},)"
      R"({"properties":{"a":{"$ref":"#/$defs/n"}},"required":["y"]}]}},"$ref":"#/$defs/n"})");
  std::string body;
  for (int i = 0; i < 60; ++i) body += R"({"a":)";
  body += "1" + std::string(60, '}');
  const auto result = validator->validate(*json::parse(body));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::bad_request);
}

TEST(JsonSchemaLimits, DeepBodiesAreRefused) {
  const auto validator = compiled(R"({"items":{"$ref":"#"}})");
  EXPECT_TRUE(validator->validate(*json::parse(std::string(300, '[') + std::string(300, ']'))));
  const std::string deep = std::string(9000, '[') + std::string(9000, ']');
  const auto result = validator->validate(*json::parse(deep));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "too deep or too large to validate");
}

TEST(JsonSchemaLimits, ReportsStayShort) {
  const auto validator = compiled(R"({"items":{"type":"string"}})");
  std::string body = "[1";
  for (int i = 0; i < 50'000; ++i) body += ",1";
  const auto result = validator->validate(*json::parse(body + "]"));
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message.size(), 70'000U);
}

TEST(JsonSchemaLimits, ReferencesThatLeadToThemselves) {
  const auto validator = compiled(R"({"$defs":{"a":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})");
  EXPECT_FALSE(validator->validate(json::Value("x")));
}

TEST(JsonSchemaLimits, EnormousNumbers) {
  const auto validator = compiled(R"({"maximum":5,"uniqueItems":true})");
  EXPECT_FALSE(validator->validate(*json::parse("1e1000000000")));
  EXPECT_FALSE(validator->validate(*json::parse("[1e1000000000,1]")));
  EXPECT_TRUE(compiled("{}")->validate(*json::parse("1e1000000000")));
}

}  // namespace
}  // namespace ropewalk::json_schema
