// The JSON Schema Test Suite (tests/corpora/json-schema): every test of the five drafts that is not
// optional.
#include "common/json_schema/json_schema.h"
#include "tests/files/source_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ropewalk::json_schema {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return source_dir() / "tests/corpora/json-schema"; }

std::optional<json::Value> read(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  auto document = json::parse(text.str());
  return document ? std::optional(std::move(*document)) : std::nullopt;
}

// Left out, with the reason.
struct LeftOut {
  std::string_view group;  // draft/file/description
  std::string_view reason;
};
constexpr std::string_view kNoScript =
    "RE2 has \\p{L}, not the long names of ECMA 262 such as \\p{Letter}";
constexpr auto kLeftOut = std::to_array<LeftOut>({
    {"draft2020-12/pattern.json/pattern with Unicode property escape requires unicode mode",
     kNoScript},
    {"draft2020-12/patternProperties.json/patternProperties with Unicode property escape",
     kNoScript},
});

// What http://localhost:1234/ would serve.
std::optional<json::Value> load(const std::string& uri) {
  constexpr std::string_view kServer = "http://localhost:1234/";
  if (!uri.starts_with(kServer)) return std::nullopt;
  return read(folder() / "remotes" / uri.substr(kServer.size()));
}

constexpr std::pair<std::string_view, std::string_view> kDrafts[] = {
    {"draft4", "http://json-schema.org/draft-04/schema#"},
    {"draft6", "http://json-schema.org/draft-06/schema#"},
    {"draft7", "http://json-schema.org/draft-07/schema#"},
    {"draft2019-09", "https://json-schema.org/draft/2019-09/schema"},
    {"draft2020-12", "https://json-schema.org/draft/2020-12/schema"}};

class Corpus : public testing::TestWithParam<std::pair<std::string_view, std::string_view>> {};

TEST_P(Corpus, Holds) {
  const auto [draft, uri] = GetParam();
  std::size_t groups = 0;
  std::size_t left_out = 0;
  for (const auto& file : fs::directory_iterator(folder() / draft)) {
    if (file.path().extension() != ".json") continue;
    const auto document = read(file.path());
    ASSERT_TRUE(document) << file.path();
    for (const auto& group : document->elements()) {
      const std::string name = std::string(draft) + "/" + file.path().filename().string() + "/" +
                               group.find("description")->string();
      SCOPED_TRACE(name);
      if (std::ranges::find(kLeftOut, name, &LeftOut::group) != kLeftOut.end()) {
        ++left_out;
        continue;
      }
      json::Value schema = *group.find("schema");
      if (schema.is_object() && !schema.find("$schema"))
        schema.set("$schema", json::Value(std::string(uri)));
      ++groups;
      const auto validator = Validator::compile(std::move(schema), "test:///schema", load);
      if (!validator) {
        ADD_FAILURE() << validator.error().message;
        continue;
      }
      for (const auto& test : group.find("tests")->elements()) {
        const auto result = (*validator)->validate(*test.find("data"));
        EXPECT_EQ(result.has_value(), test.find("valid")->boolean())
            << test.find("description")->string() << "\n"
            << (result ? "" : result.error().message);
      }
    }
  }
  EXPECT_GT(groups, 100U);
  EXPECT_EQ(left_out, draft == "draft2020-12" ? kLeftOut.size() : 0U);
}

INSTANTIATE_TEST_SUITE_P(JsonSchema, Corpus, testing::ValuesIn(kDrafts));

}  // namespace
}  // namespace ropewalk::json_schema
