#include "dataplane/filters/validation/json_schema.h"

#include "config/extra/json_schema.h"
#include "tests/filters_validation/fakes.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ropewalk::filters {
namespace {

using pipeline::Step;

Read read_schema(std::string_view block, config::Files* files = nullptr) {
  return read_block(block, [&](const auto& extra, auto& diagnostics) {
    return config::read_json_schema(extra, files, diagnostics);
  });
}

std::shared_ptr<const pipeline::Filter> made(std::string_view text) {
  pipeline::Site site;
  site.text = text;
  site.level = config::Level::endpoint;
  auto out = make_json_schema(site);
  EXPECT_TRUE(out) << out.error().message;
  return out ? *out : nullptr;
}

// "" for a body that passes.
std::string refusal(const pipeline::Filter& filter, std::string_view body) {
  FakeFlow flow;
  flow.request.body = body;
  flow.request.has_body = !body.empty();
  if (filter.on_request(flow) == Step::next) {
    EXPECT_EQ(flow.request.body, body);
    return "";
  }
  EXPECT_EQ(flow.error.status, 400U);
  return flow.error.message;
}

TEST(JsonSchemaFilter, JudgesBodies) {
  const auto filter =
      made(read_schema(R"({"required":["sku"],"properties":{"qty":{"maximum":99}}})").text);
  EXPECT_TRUE(filter->needs_request_body());
  EXPECT_EQ(refusal(*filter, R"( {"sku" : "A", "qty":1e1} )"), "");
  EXPECT_EQ(refusal(*filter, ""), "could not validate an empty body");
  EXPECT_EQ(refusal(*filter, "{}"), "- at '': missing property 'sku'");
  EXPECT_EQ(refusal(*filter, R"({"sku":1,"qty":2,"qty":200})"),
            "- at '/qty': maximum: got 200, want 99");
  for (const char* broken : {" ", "{", "{'a':1}", "{}}", "sku=A", "\xEF\xBB\xBF{}"})
    EXPECT_NE(refusal(*filter, broken), "") << broken;
  EXPECT_NE(refusal(*filter, std::string(5000, '[')), "");
}

TEST(JsonSchemaFilter, NumbersOfTheSchemaAreDoubles) {
  const Read got = read_schema(R"({"maximum":9007199254740993,"enum":[1.0,1e21,1e-7,-0.5]})");
  EXPECT_EQ(got.text, R"({"schema":{"enum":[1,1e+21,1e-7,-0.5],"maximum":9007199254740992}})");
}

TEST(JsonSchemaFilter, TrueAndFalse) {
  EXPECT_EQ(refusal(*made(read_schema("true").text), "7"), "");
  EXPECT_EQ(refusal(*made(read_schema("false").text), "7"), "- at '': false schema");
}

TEST(JsonSchemaConfig, RefusesWhatCannotBeUsed) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"type":"objekt"})", "at: not a valid schema: at '/type'"},
      {R"({"properties":{"a":{"pattern":"("}}})", "at: pattern (: "},
      {R"({"$ref":"#/$defs/none"})", "at: $ref: there is no #/$defs/none"},
      {R"({"$ref":"http://127.0.0.1:8081/schema.json"})", "at: $ref: there is no http"},
      {R"({"$schema":"https://example.com/own"})", "at: $schema: unknown dialect"},
      {R"([1,2])", "at: not a valid schema"},
      {R"("x")", "at: not a valid schema"},
      {R"(5)", "at: not a valid schema"},
      {R"({"$ref":"./order.json"})", "at: a $ref to a file cannot be used here"},
  };
  for (const auto& [text, message] : kCases)
    EXPECT_TRUE(read_schema(text).refusal.starts_with(message)) << text << "\n"
                                                                << read_schema(text).refusal;
}

class JsonSchemaFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("schemas-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "order.json")
        << R"({"properties":{"sku":{"type":"string"},"id":{"maximum":9007199254740993}}})";
    std::ofstream(folder_ / "broken.json") << "{";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(JsonSchemaFiles, TravelWithTheSchema) {
  for (const std::string& reference :
       {std::string("./order.json"), "file://" + (folder_ / "order.json").string()}) {
    config::Files files(folder_.string());
    const Read got = read_schema(R"({"$ref":")" + reference + R"("})", &files);
    ASSERT_EQ(got.refusal, "");
    EXPECT_EQ(files.names(), std::vector<std::string>{(folder_ / "order.json").string()});
    const auto filter = made(got.text);
    std::filesystem::rename(folder_ / "order.json", folder_ / "away");
    EXPECT_EQ(refusal(*filter, R"({"sku":1})"), "- at '/sku': got number, want string");
    EXPECT_EQ(refusal(*filter, R"({"sku":"A","id":9007199254740993})"), "");
    std::filesystem::rename(folder_ / "away", folder_ / "order.json");
  }
}

TEST_F(JsonSchemaFiles, MissingAndBrokenOnesAreRefused) {
  config::Files files(folder_.string());
  EXPECT_NE(read_schema(R"({"$ref":"./missing.json"})", &files).refusal, "");
  EXPECT_NE(read_schema(R"({"$ref":"./broken.json"})", &files).refusal, "");
}

}  // namespace
}  // namespace ropewalk::filters
