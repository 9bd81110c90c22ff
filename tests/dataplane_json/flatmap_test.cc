#include "dataplane/json/flatmap.h"

#include <gtest/gtest.h>

namespace ropewalk::json {
namespace {

using Type = FlatmapOperation::Type;

FlatmapOperation move(std::string_view from, std::string_view to) {
  return {Type::move, {split_path(from), split_path(to)}};
}
FlatmapOperation append(std::string_view from, std::string_view to) {
  return {Type::append, {split_path(from), split_path(to)}};
}
FlatmapOperation del(std::initializer_list<std::string_view> paths) {
  FlatmapOperation out{Type::del, {}};
  for (const std::string_view path : paths) out.arguments.push_back(split_path(path));
  return out;
}

struct FlatmapCase {
  std::string_view data;
  std::vector<FlatmapOperation> operations;
  std::string_view wanted;
};

void check_flatmap(const std::vector<FlatmapCase>& cases) {
  for (const FlatmapCase& one : cases) {
    Value data = *parse(one.data);
    run_flatmap(one.operations, data);
    EXPECT_EQ(data, *parse(one.wanted)) << one.data << " -> " << to_string(data);
  }
}

TEST(Flatmap, DeletesKeysElementsAndAllOfThem) {
  check_flatmap({
      {R"({"a":1,"b":2})", {del({"a"})}, R"({"b":2})"},
      {R"({"a":1})", {del({"x", "a.b", "A"})}, R"({"a":1})"},
      {R"({"t":["x","y","z"]})", {del({"t.0", "t.1"})}, R"({"t":["z"]})"},
      {R"({"t":["x","y","z"]})", {del({"t.0", "t.0"})}, R"({"t":["y","z"]})"},
      {R"({"t":["x"]})", {del({"t.7", "t.-1", "t.00"})}, R"({"t":["x"]})"},
      {R"({"t":["x","y"]})", {del({"t.0", "t.1"})}, R"({"t":null})"},
      {R"({"t":["x","y"]})", {del({"t.*"})}, R"({"t":null})"},
      {R"({"r":[{"a":1,"b":2},{"a":3}]})", {del({"r.*.a"})}, R"({"r":[{"b":2},null]})"},
      {R"({"r":{"p":{"a":1},"q":{"a":1,"c":2}}})",
       {del({"r.*.a"})},
       R"({"r":{"p":null,"q":{"c":2}}})"},
      {R"({"a":1,"b":2})", {del({"*"})}, "null"},
      {R"({"a":1})", {del({"a"})}, "null"},
      {"{}", {del({"*"})}, "{}"},
      {"null", {del({"*"})}, "null"},
      {R"({"e":{},"l":[]})", {del({"e.*", "l.*"})}, R"({"e":{},"l":[]})"},
      {R"({"":{"":1,"b":2}})", {del({"."})}, R"({"":{"b":2}})"},
  });
}

TEST(Flatmap, ElementsKeepTheirNumbersUntilTheEnd) {
  check_flatmap({{R"({"t":["x","y","z"]})",
                  {del({"t.0"}), move("t.1", "kept")},
                  R"({"kept":"y","t":["z"]})"}});
}

TEST(Flatmap, MovesOfEqualLengthRename) {
  check_flatmap({
      {R"({"a":1.50})", {move("a", "b")}, R"({"b":1.50})"},
      {R"({"u":{"n":1}})", {move("u.n", "elsewhere.m")}, R"({"u":{"m":1}})"},
      {R"({"u":{"n":1,"m":2}})", {move("u.n", "u.m")}, R"({"u":{"m":1}})"},
      {R"({"a":1})", {move("a", "a")}, R"({"a":1})"},
      {R"({"r":[{"a":1},{"b":2},{"a":3}]})",
       {move("r.*.a", "r.*.c")},
       R"({"r":[{"c":1},{"b":2},{"c":3}]})"},
      {R"({"r":[{"a":1,"b":2}]})", {move("r.*.a", "r.*.b")}, R"({"r":[{"b":1}]})"},
      {R"({"x":{"c":1},"y":2})", {move("*.c", "*.d")}, R"({"x":{"d":1},"y":2})"},
      {R"({"t":["x","y"]})", {move("t.0", "t.1")}, R"({"t":["x","y"]})"},
      {R"({"t":["x"]})", {move("t.*", "t.a")}, R"({"t":["x"]})"},
      {R"({"*":1,"a":2})", {move("*", "b")}, R"({"b":1,"a":2})"},
  });
}

TEST(Flatmap, MovesToLongerPathsStayBelowTheirOwnParent) {
  check_flatmap({
      {R"({"id":1})", {move("id", "ref.order.id")}, R"({"ref":{"order":{"id":1}}})"},
      {R"({"id":1,"u":{"n":2}})", {move("id", "u.id")}, R"({"u":{"n":2,"id":1}})"},
      {R"({"id":1,"u":{"id":2}})", {move("id", "u.id")}, R"({"u":{"id":1}})"},
      {R"({"u":{"n":1}})", {move("u.n", "ignored.p.n")}, R"({"u":{"p":{"n":1}}})"},
      {R"({"ok":true,"id":7})", {move("ok", "id.ok")}, R"({"id":{"ok":true}})"},
      {R"({"ok":true,"n":null})", {move("ok", "n.ok")}, R"({"n":{"ok":true}})"},
      {R"({"u":{"a":1}})", {move("u", "u.inner")}, R"({"u":{"inner":{"a":1}}})"},
      {R"({"ok":1,"t":["x"]})", {move("ok", "t.0")}, R"({"t":["x",1]})"},
      {R"({"ok":1,"t":["x"]})", {move("ok", "t.zzz")}, R"({"t":["x",1]})"},
      {R"({"ok":1,"t":[]})", {move("ok", "t.0")}, R"({"t":[1]})"},
      {R"({"ok":1})", {move("ok", "t.0")}, R"({"t":{"0":1}})"},
      {R"({"ok":1,"r":[{"a":1}]})", {move("ok", "r.0.b")}, R"({"r":[{"a":1,"b":1}]})"},
      {R"({"ok":1})", {move("ok", "*.a")}, R"({"*":{"a":1}})"},
      {R"({"r":[{"a":1},{"a":2}]})",
       {move("r.*.a", "r.*.b.a")},
       R"({"r":[{"b":{"a":1}},{"b":{"a":2}}]})"},
  });
}

TEST(Flatmap, MovesToShorterPathsLift) {
  check_flatmap({
      {R"({"u":{"n":1,"m":2}})", {move("u.n", "n")}, R"({"n":1,"u":{"m":2}})"},
      {R"({"u":{"n":1}})", {move("u.n", "n")}, R"({"n":1,"u":null})"},
      {R"({"u":{"c":{"m":1,"p":2}}})",
       {move("u.c.m", "missing.m")},
       R"({"m":1,"u":{"c":{"p":2}}})"},
      {R"({"u":{"c":{"m":1,"p":2}},"e":{}})",
       {move("u.c.m", "e.m")},
       R"({"e":{"m":1},"u":{"c":{"p":2}}})"},
      {R"({"n":0,"u":{"n":1,"m":2}})", {move("u.n", "n")}, R"({"n":1,"u":{"m":2}})"},
      {R"({"u":{"c":{"m":1,"p":2}},"t":["x"]})",
       {move("u.c.m", "t.9")},
       R"({"t":["x",1],"u":{"c":{"p":2}}})"},
      {R"({"r":[{"d":{"s":1}},{"e":0},{"d":{"s":2,"q":3}}]})",
       {move("r.*.d.s", "r.*.s")},
       R"({"r":[{"d":null,"s":1},{"e":0},{"d":{"q":3},"s":2}]})"},
      {R"({"r":[{"d":{"s":1,"q":1}},{"d":{"s":2,"q":2}}]})",
       {move("r.*.d.s", "r.0.s")},
       R"({"r":[{"d":{"q":1},"s":2},{"d":{"q":2}}]})"},
      {R"({"u":{"n":1}})",
       {move("u.x", "n"), move("u.n.z", "n"), move("x.y.z", "a.b")},
       R"({"u":{"n":1}})"},
  });
}

TEST(Flatmap, AStarMeansTheSameElementAtEveryDepth) {
  check_flatmap({{R"({"a":{"b":{"c":[{"d":{"e":1},"n":"x"},{"d":{"e":2},"n":"y"}]}}})",
                  {move("a.b.c.*.d.e", "a.b.c.*.e")},
                  R"({"a":{"b":{"c":[{"d":null,"e":1,"n":"x"},{"d":null,"e":2,"n":"y"}]}}})"}});
}

TEST(Flatmap, ADeletedKeyIsGoneWhateverWasMovedThere) {
  check_flatmap({{R"({"id":1,"u":{"n":"Ada","k":2}})",
                  {move("id", "u.n"), del({"u.n"})},
                  R"({"u":{"k":2}})"}});
}

TEST(Flatmap, WhatIsUncoveredAgainIsTheOldScalar) {
  check_flatmap({{R"({"ok":true,"id":7})", {move("ok", "id.ok"), del({"id.ok"})}, R"({"id":7})"}});
}

TEST(Flatmap, AppendsListsToLists) {
  check_flatmap({
      {R"({"m":["a"],"n":["c",null,{"d":1.10}]})",
       {append("n", "m")},
       R"({"m":["a","c",null,{"d":1.10}]})"},
      {R"({"m":["a"],"n":[]})", {append("n", "m")}, R"({"m":["a"]})"},
      {R"({"m":["a"],"n":[]})", {append("m", "n")}, R"({"n":["a"]})"},
      {R"({"m":["a"],"o":{"l":[1],"k":0}})", {append("o.l", "m")}, R"({"m":["a",1],"o":{"k":0}})"},
      {R"({"r":[{"l":["p"]},{"l":["q"],"i":2}]})",
       {append("r.1.l", "r.0.l")},
       R"({"r":[{"l":["p","q"]},{"i":2}]})"},
      {R"({"m":["a"],"r":[{"i":1,"k":0},{"i":2,"k":0}]})",
       {append("r.*.i", "m")},
       R"({"m":["a",1,2],"r":[{"k":0},{"k":0}]})"},
      {R"({"m":["a"],"r":[{"i":1},{"k":0}]})",
       {append("r.*.i", "m")},
       R"({"m":["a",1,null],"r":[null,{"k":0}]})"},
      {R"({"m":["a"],"r":[{"l":["p"]}]})",
       {append("m", "r.*.l")},
       R"({"r":[{"l":["p"]},{"l":[["p"],"a"]}]})"},
      {R"({"m":["a"],"k":0})", {append("m", "m")}, R"({"k":0})"},
      {R"({"m":["a"],"o":{"k":0},"s":"x"})",
       {append("o", "m"), append("s", "m"), append("m", "s"), append("m", "none"),
        append("none", "m")},
       R"({"m":["a"],"o":{"k":0},"s":"x"})"},
      {R"({"a":[{"id":1},{"id":2,"y":"two"},{"id":3}],"b":[{"id":4}]})",
       {del({"a.0"}), append("b", "a")},
       R"({"a":[{"id":2,"y":"two"},{"id":3},{"id":4}]})"},
  });
}

// A list of 50,000 elements and a lookup of each in it: with a search from the front for every
// element this would run for minutes, past the limit of the test program.
TEST(Flatmap, ManyElementsAreFoundWithoutASearchForEach) {
  std::string text = R"({"r":[)";
  for (int i = 0; i < 50'000; ++i) text += R"({"d":{"s":1,"q":2}},)";
  text += "0]}";
  Value data = *parse(text);
  run_flatmap(std::vector{move("r.*.d.s", "r.*.s"), move("r.*.d.q", "gone.x"), del({"r.3"})}, data);
  EXPECT_EQ(data.find("r")->elements().size(), 50'000u);
  EXPECT_EQ(to_string(data.find("r")->elements()[7]), R"({"d":null,"s":1})");
  EXPECT_EQ(data.find("x")->as_integer(), 2);
}

}  // namespace
}  // namespace ropewalk::json
