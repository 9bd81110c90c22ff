#include "common/lua_source.h"

#include <gtest/gtest.h>

namespace ropewalk {
namespace {

std::string adapted(std::string_view source) {
  const auto out = adapt_lua(source);
  if (!out) return out.error().message;
  constexpr std::string_view kBefore = "local \x80=...; return function(...) ";
  EXPECT_TRUE(out->starts_with(kBefore));
  EXPECT_TRUE(out->ends_with("\nend"));
  return out->substr(kBefore.size(), out->size() - kBefore.size() - 4);
}

TEST(LuaSource, ConcatenationGetsItsHelper) {
  EXPECT_EQ(adapted("a .. b"), "a ..\x80 .. b");
  EXPECT_EQ(adapted("a..b..1"), "a..\x80 ..b..\x80 ..1");
  EXPECT_EQ(adapted("f(...) x = ...\ny"), "f(...) x = ...\ny");
}

TEST(LuaSource, TextsAndCommentsStay) {
  for (const char* source :
       {"x = 'a .. b'", "x = \"a\\\" .. b\"", "x = [[a .. b]]", "x = [==[a ]] .. ]==]", "-- a .. b",
        "--[[ a .. b ]] x = 1", "--[==[ .. ]] .. ]==]", "x = '\\\\'", "x = 1.5e-3 + .5"})
    EXPECT_EQ(adapted(source), source);
}

TEST(LuaSource, RefusesWhatOnlyThisInterpreterTakes) {
  EXPECT_EQ(adapted("\x1bLJ"), "line 1: compiled Lua code is not taken, only source text");
  EXPECT_EQ(adapted("x = 1\ny = 1LL"), "line 2: malformed name or number near '1LL'");
  EXPECT_EQ(adapted("x = 2i"), "line 1: malformed name or number near '2i'");
  EXPECT_EQ(adapted("\x80 = 1").substr(0, 24), "line 1: malformed name o");
}

TEST(LuaSource, NeverLeavesTheText) {
  for (const char* source : {"'", "\"\\", "[[", "--[[", "--", "[=", "1e", "..", "...", "'\\", "0x"})
    adapt_lua(source);
}

TEST(LuaSource, FindsTheFilesThatAreNamed) {
  EXPECT_EQ(
      lua_files("dofile('a.lua') loadfile(\"b.lua\") require 'lib.tax' pcall(dofile, 'c.lua') "
                "-- dofile('no.lua')\nlocal s = 'x' dofile(s) dofile('a.lua')"),
      (std::vector<std::string>{"a.lua", "b.lua", "lib/tax.lua", "c.lua"}));
}

}  // namespace
}  // namespace ropewalk
