#include "common/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace ropewalk {
namespace {

TEST(Utf8Length, FollowsRfc3629) {
  const std::pair<std::string, std::size_t> cases[] = {
      {"", 0},
      {"a", 1},
      {"\x7F", 1},
      {"\x80", 0},
      {"\xC1\xBF", 0},
      {"\xC2\x80", 2},
      {"\xDF\xBF", 2},
      {"\xC3", 0},
      {"\xC3(", 0},
      {"\xE0\x9F\xBF", 0},
      {"\xE0\xA0\x80", 3},
      {"\xED\x9F\xBF", 3},
      {"\xED\xA0\x80", 0},
      {"\xEF\xBF\xBF", 3},
      {"\xE2\x82", 0},
      {"\xF0\x8F\xBF\xBF", 0},
      {"\xF0\x90\x80\x80", 4},
      {"\xF4\x8F\xBF\xBF", 4},
      {"\xF4\x90\x80\x80", 0},
      {"\xF5\x80\x80\x80", 0},
      {"\xF0\x90\x80", 0},
      {"\xFF", 0},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(utf8_length(text), expected) << testing::PrintToString(text);
}

TEST(Utf8, OnlyWholeCharacters) {
  for (const char* text : {"", "a", "\u00e9", "\u20ac", "\U0001F600", "\uFFFD"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(to_utf8(text), text);
  }
  const std::pair<const char*, const char*> broken[] = {
      {"a\xff"
       "b",
       "a\uFFFDb"},
      {"\xc3", "\uFFFD"},
      {"\xc0\x80", "\uFFFD\uFFFD"},
      {"\xe0\x80\x80", "\uFFFD\uFFFD\uFFFD"},
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
      {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"\x80", "\uFFFD"}};
  for (const auto& [text, repaired] : broken) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_EQ(to_utf8(text), repaired);
  }
}

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code == 0xD800) code = 0xE000;
    std::string text;
    append_utf8(text, code);
    const Character read = decode_utf8(text);
    ASSERT_EQ(read.code, code);
    ASSERT_EQ(read.length, text.size());
  }
  EXPECT_EQ(decode_utf8("\xc3").length, 0u);
}

TEST(Utf8, CharactersAreCountedAndNeverCut) {
  EXPECT_EQ(utf8_characters("a\u00e9\xff\u20ac"), 4u);
  EXPECT_EQ(cut_utf8("\u00e9\u00e9\u00e9", 5, "."), "\u00e9\u00e9.");
  EXPECT_EQ(cut_utf8("abc", 3, "."), "abc");
}

}  // namespace
}  // namespace ropewalk
