// Which schemas are refused, and what references may lead to.
#include "common/json_schema/json_schema.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

std::optional<json::Value> nothing(const std::string&) { return std::nullopt; }

struct Refusal {
  const char* schema;
  const char* message;
};

class Refused : public testing::TestWithParam<Refusal> {};
TEST_P(Refused, SaysWhy) {
  const auto validator =
      Validator::compile(*json::parse(GetParam().schema), "test:///schema", nothing);
  ASSERT_FALSE(validator);
  EXPECT_EQ(validator.error().kind, Kind::config);
  EXPECT_TRUE(validator.error().message.starts_with(GetParam().message))
      << validator.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    JsonSchema, Refused,
    testing::Values(Refusal{R"({"type":"objekt"})", "not a valid schema: at '/type'"},
                    Refusal{R"({"required":"sku"})", "not a valid schema: at '/required'"},
                    Refusal{R"({"minimum":"5"})", "not a valid schema: at '/minimum'"},
                    Refusal{"[1,2]", "not a valid schema: at ''"},
                    Refusal{R"("x")", "not a valid schema: at ''"},
                    Refusal{"5", "not a valid schema: at ''"},
                    Refusal{R"({"properties":{"a":{"pattern":"("}}})", "pattern (: "},
                    Refusal{R"j({"properties":{"a":{"pattern":"^(?=x)"}}})j", "pattern ^(?=x): "},
                    Refusal{R"({"patternProperties":{"[":{}}})", "pattern [: "},
                    Refusal{R"({"$ref":"#/$defs/none"})", "$ref: there is no #/$defs/none"},
                    Refusal{R"({"$ref":"#none"})", "$ref: there is no anchor #none"},
                    Refusal{R"({"$ref":"http://127.0.0.1/x.json"})",
                            "$ref: there is no http://127.0.0.1/x.json"},
                    Refusal{R"({"$ref":"./x.json"})", "$ref: there is no test:///x.json"},
                    Refusal{R"({"$schema":"https://example.com/own"})",
                            "$schema: unknown dialect https://example.com/own"},
                    Refusal{R"({"$schema":"http://json-schema.org/draft-04/schema#","type":true})",
                            "not a valid schema: at '/type'"}));

TEST(JsonSchema, OtherDocumentsAreAskedFor) {
  std::vector<std::string> asked;
  const auto load = [&](const std::string& uri) -> std::optional<json::Value> {
    asked.push_back(uri);
    return *json::parse(R"({"$defs":{"sku":{"type":"string"}},)"
                        R"("properties":{"sku":{"$ref":"#/$defs/sku"}}})");
  };
  const auto validator =
      Validator::compile(*json::parse(R"({"$ref":"./order.json"})"), "file:///srv/", load);
  ASSERT_TRUE(validator) << validator.error().message;
  EXPECT_EQ(asked, std::vector<std::string>{"file:///srv/order.json"});
  EXPECT_TRUE((*validator)->validate(*json::parse(R"({"sku":"A"})")));
  const auto wrong = (*validator)->validate(*json::parse(R"({"sku":1})"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "- at '/sku': got number, want string");
}

TEST(JsonSchema, FormatsAssertUpToDraft7) {
  const json::Value body = *json::parse(R"("nobody")");
  for (const auto& [dialect, fine] :
       {std::pair("http://json-schema.org/draft-04/schema#", false),
        std::pair("http://json-schema.org/draft-06/schema", false),
        std::pair("http://json-schema.org/draft-07/schema#", false),
        std::pair("https://json-schema.org/draft/2019-09/schema", true),
        std::pair("https://json-schema.org/draft/2020-12/schema", true)}) {
    json::Value schema = *json::parse(R"({"format":"email"})");
    schema.set("$schema", json::Value(dialect));
    const auto validator = Validator::compile(std::move(schema), "test:///schema", nothing);
    ASSERT_TRUE(validator) << validator.error().message;
    EXPECT_EQ((*validator)->validate(body).has_value(), fine) << dialect;
  }
}

TEST(JsonSchema, TrueAndFalseAreSchemas) {
  const auto all = Validator::compile(json::Value(true), "test:///schema", nothing);
  const auto none = Validator::compile(json::Value(false), "test:///schema", nothing);
  ASSERT_TRUE(all && none);
  EXPECT_TRUE((*all)->validate(json::Value()));
  EXPECT_EQ((*none)->validate(json::Value()).error().message, "- at '': false schema");
}

}  // namespace
}  // namespace ropewalk::json_schema
