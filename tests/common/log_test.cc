#include "common/log.h"

#include <gtest/gtest.h>

namespace ropewalk::log {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(Log, JsonStringsEscapeControlsAndRepairUtf8) {
  EXPECT_EQ(json("a\"b\\c\n"), R"("a\"b\\c\u000a")");
  EXPECT_EQ(json("\xc3\xa9"), "\"\xc3\xa9\"");
  EXPECT_EQ(json("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(json("\xed\xa0\x80"),
            "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");  // a surrogate is no UTF-8
  EXPECT_EQ(json("\x7f"), R"("\u007f")");
}

TEST(Log, Names) {
  EXPECT_EQ(parse_level("warning"), Level::warning);
  EXPECT_EQ(parse_level("WARN"), std::nullopt);
  EXPECT_EQ(parse_format("json"), Format::json);
}

}  // namespace
}  // namespace ropewalk::log
