// Places of values in the three formats.
#include "config/locate.h"

#include "helpers.h"

#include <gmock/gmock.h>

namespace ropewalk::config {
namespace {

using ::testing::HasSubstr;
using testing::message;

std::string place(std::string_view text, Syntax syntax, std::string_view path) {
  const auto at = locate(text, syntax, path);
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
