// The report, word for word as KrakenD's validator writes it.
#include "common/json_schema/report.h"
#include "common/json_schema/json_schema.h"

#include <gtest/gtest.h>

namespace ropewalk::json_schema {
namespace {

std::optional<json::Value> load_nothing(const std::string&) { return std::nullopt; }

struct ReportCase {
  const char* schema;
  const char* body;
  const char* report;
};

class Report : public testing::TestWithParam<ReportCase> {};
TEST_P(Report, Says) {
  const auto validator =
      Validator::compile(*json::parse(GetParam().schema), "test:///schema", load_nothing);
  ASSERT_TRUE(validator) << validator.error().message;
  const auto result = (*validator)->validate(*json::parse(GetParam().body));
  EXPECT_EQ(result ? "" : result.error().message, GetParam().report);
}

INSTANTIATE_TEST_SUITE_P(
    JsonSchema, Report,
    testing::Values(
        ReportCase{R"({"type":["string","number"]})", "true",
                   "- at '': got boolean, want number or string"},
        ReportCase{R"({"required":["a","b"]})", "{}", "- at '': missing properties 'a', 'b'"},
        ReportCase{R"({"additionalProperties":false,"properties":{"a":{}}})",
                   R"({"b":1,"a":1,"c":2})", "- at '': additional properties 'b', 'c' not allowed"},
        ReportCase{R"({"properties":{"a/b~c":{"type":"string"}}})", R"({"a/b~c":1})",
                   "- at '/a~1b~0c': got number, want string"},
        ReportCase{R"({"minLength":3,"pattern":"^x"})", R"("ab")",
                   "- at '': minLength: got 2, want 3\n- at '': 'ab' does not match pattern '^x'"},
        ReportCase{
            R"({"required":["c"],"properties":{"a":{"minLength":3,"pattern":"^x"}}})",
            R"({"a":"b"})",
            "- at '': missing property 'c'\n- at '/a': validation failed\n  - at '/a': minLength: "
            "got 1, want 3\n"
            "  - at '/a': 'b' does not match pattern '^x'"},
        ReportCase{R"({"$ref":"#/$defs/a","$defs":{"a":{"minLength":3,"pattern":"^x"}}})", R"("b")",
                   "- at '': validation failed\n  - at '': minLength: got 1, want 3\n"
                   "  - at '': 'b' does not match pattern '^x'"},
        ReportCase{R"({"enum":["open",null,1.5,true]})", "7",
                   "- at '': value must be one of 'open', <nil>, 1.5, true"},
        ReportCase{R"({"const":"it's"})", "7", R"(- at '': value must be 'it\'s')"},
        ReportCase{R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[{}],)"
                   R"("additionalItems":false})",
                   "[1,2,3]", "- at '': last 2 additionalItem(s) not allowed"},
        ReportCase{
            R"({"contains":{"type":"string"}})", "[1]",
            "- at '': no items match contains schema\n  - at '/0': got number, want string"}));

TEST(JsonSchemaReport, Numbers) {
  EXPECT_EQ(measured(0), "0");
  EXPECT_EQ(measured(-0.5), "-0.5");
  EXPECT_EQ(measured(12345.67), "12,345.67");
  EXPECT_EQ(measured(999999), "999,999");
  EXPECT_EQ(measured(1000000), "1×10⁰⁶");
  EXPECT_EQ(measured(-2.5e6), "-2.5×10⁰⁶");
  EXPECT_EQ(measured(0.0001), "0.0001");
  EXPECT_EQ(measured(0.00001), "1×10⁻⁰⁵");
  EXPECT_EQ(measured(1.2345678901234568e29), "1.2345678901234568×10²⁹");
  EXPECT_EQ(measured(1e100), "1×10¹⁰⁰");
  EXPECT_EQ(counted(1234567), "1,234,567");
}

TEST(JsonSchemaReport, Quotes) {
  EXPECT_EQ(quoted("a\"b'c\\d"), R"('a"b\'c\\d')");
  EXPECT_EQ(quoted("\n\t\x01\x7f"), R"('\n\t\x01\x7f')");
  EXPECT_EQ(quoted("Zoë 日 😀"), "'Zoë 日 😀'");
  EXPECT_EQ(quoted("\u00a0\u200b\ufeff"), R"('\u00a0\u200b\ufeff')");
}

}  // namespace
}  // namespace ropewalk::json_schema
