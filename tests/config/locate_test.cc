// Places of values in the three formats.
#include "config/locate.h"

#include "helpers.h"

#include <gmock/gmock.h>

#include <chrono>
#include <tuple>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using testing::message;

std::string place(std::string_view text, Syntax syntax, std::string_view path) {
  const auto at = Places(text, syntax).find(path);
  return at ? std::to_string(at->line) + ":" + std::to_string(at->column) : "none";
}

TEST(Locate, InJson) {
  const std::string_view text =
      "{\"version\": 3,\n  \"endpoints\": [\n    {\"a\": \"}]\\\"\", \"Host\": [1, 22],\n"
      "     \"extra_config\": {\"auth/validator\": {\"alg\": 1}}}, 7]}";
  EXPECT_EQ(place(text, Syntax::json, "version"), "1:2");
  EXPECT_EQ(place(text, Syntax::json, "endpoints"), "2:3");
  EXPECT_EQ(place(text, Syntax::json, "endpoints[0]"), "3:5");
  EXPECT_EQ(place(text, Syntax::json, "endpoints[0].host[1]"), "3:31");
  EXPECT_EQ(place(text, Syntax::json, "endpoints[0].extra_config[\"auth/validator\"].alg"), "4:42");
  EXPECT_EQ(place(text, Syntax::json, "endpoints[1]"), "4:55");
  EXPECT_EQ(place(text, Syntax::json, "endpoints[0].none"), "3:5");
  EXPECT_EQ(place(text, Syntax::json, "no path at all"), "none");
}

TEST(Locate, TheLastOfRepeatedKeys) {
  EXPECT_EQ(place("{\"a\": 1,\n \"a\": 2}", Syntax::json, "a"), "2:2");
}

TEST(Locate, InYaml) {
  const std::string_view text =
      "version: 3\nendpoints:\n  - endpoint: /a\n    backend:\n      - url_pattern: /b\n";
  EXPECT_EQ(place(text, Syntax::yaml, "endpoints[0].backend[0].url_pattern"), "5:9");
  EXPECT_EQ(place(text, Syntax::yaml, "endpoints[0]"), "3:5");
}

TEST(Locate, InToml) {
  const std::string_view text =
      "version = 3\n[[endpoints]]\nendpoint = \"/a\"\n  [[endpoints.backend]]\n"
      "  url_pattern = \"/b\"\n";
  EXPECT_EQ(place(text, Syntax::toml, "version"), "1:1");
  EXPECT_EQ(place(text, Syntax::toml, "endpoints[0].backend[0].url_pattern"), "5:3");
}

// No warning has the text read once more: with that this takes minutes.
TEST(Locate, ManyWarningsAreCheap) {
  constexpr int kCount = 2000;
  std::string json = R"({"version":3,"host":["http://h"],"endpoints":[)";
  std::string yaml = "version: 3\nhost: [\"http://h\"]\nendpoints:\n";
  std::string toml = "version = 3\nhost = [\"http://h\"]\n";
  for (int i = 0; i < kCount; ++i) {
    const std::string path = "/e" + std::to_string(i);
    json +=
        std::string(i ? "," : "") + "\n{\"endpoint\":\"" + path +
        R"(","backend":[{"url_pattern":"/b"}],"extra_config":{"documentation/openapi":{"a":1}}})";
    yaml += "  - endpoint: " + path +
            "\n    backend: [{url_pattern: /b}]\n"
            "    extra_config:\n      documentation/openapi: {a: 1}\n";
    toml += "[[endpoints]]\nendpoint = \"" + path +
            "\"\nbackend = [{url_pattern = \"/b\"}]\n"
            "[endpoints.extra_config.\"documentation/openapi\"]\na = 1\n";
  }
  json += "]}";
  const std::tuple<std::string, Syntax, std::size_t> cases[] = {
      {json, Syntax::json, 2}, {yaml, Syntax::yaml, 7}, {toml, Syntax::toml, 6}};
  for (const auto& [text, syntax, line] : cases) {
    const auto start = std::chrono::steady_clock::now();
    const auto loaded = load_text(text, syntax, "krakend", {});
    const auto took = std::chrono::steady_clock::now() - start;
    ASSERT_TRUE(loaded) << message(loaded);
    ASSERT_EQ(loaded->places.size(), kCount);
    EXPECT_EQ(loaded->places[0].line, line);
    EXPECT_GT(loaded->places[kCount - 1].line, static_cast<std::size_t>(kCount));
    EXPECT_LT(took, std::chrono::seconds(20));
  }
}

TEST(Locate, PathsOfMessages) {
  EXPECT_EQ(path_of_message("endpoints[0].timeout: expected a duration"), "endpoints[0].timeout");
  EXPECT_EQ(path_of_message("extra_config[\"a: b\"].c: no"), "extra_config[\"a: b\"].c");
  EXPECT_EQ(path_of_message("no path here"), "");
}

TEST(Load, ErrorsNameFileLineColumnAndPath) {
  EXPECT_THAT(message(testing::load("{\"version\":3,\n \"timeout\":\"soon\"}")),
              HasSubstr("krakend.json:2:2: timeout: expected a duration"));
  EXPECT_THAT(message(load_text("version: 3\nport: x\n", Syntax::yaml, "k.yaml", {})),
              HasSubstr("k.yaml:2:1: port: expected a number"));
  EXPECT_THAT(message(load_text("version = 3\nport = \"x\"\n", Syntax::toml, "k.toml", {})),
              HasSubstr("k.toml:2:1: port: expected a number"));
}

}  // namespace
}  // namespace ropewalk::config
