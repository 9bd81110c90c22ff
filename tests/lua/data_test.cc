// Values between Lua and answers.
#include "dataplane/filters/lua/data.h"

#include "tests/common/colliding_keys.h"
#include "world.h"

namespace ropewalk::lua {
namespace {

using testing::post;
using testing::value_of;

struct Change {
  const char* data;
  const char* code;
  const char* after;
};

class Data : public ::testing::TestWithParam<Change> {};

TEST_P(Data, IsChanged) {
  const std::string code = std::string("local d = response.load():data() ") + GetParam().code;
  const auto after = json::parse(GetParam().after);
  const std::string got = post(code, GetParam().data);
  const auto parsed = json::parse(got);
  ASSERT_TRUE(parsed) << got;
  EXPECT_TRUE(*parsed == *after) << got;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Data,
    ::testing::Values(
        Change{R"({"id":1})", "d:set('n', 2)", R"({"id":1,"n":2})"},
        Change{R"({"id":1,"x":2})", "d:del('x')", R"({"id":1})"},
        Change{R"({"a":{"b":1}})", "d:get('a'):set('c', true)", R"({"a":{"b":1,"c":true}})"},
        Change{R"({"b":1,"a":2})", "d:set('k', d:keys())", R"({"b":1,"a":2,"k":["a","b"]})"},
        Change{R"({})", "d:set('t', {})", R"({"t":{}})"},
        Change{R"({})", "d:set('t', {1,2})", R"({"t":{"1":1,"2":2}})"},
        Change{R"({})", "d:set('t', {l = {'a','b'}})", R"({"t":{"l":["a","b"]}})"},
        Change{R"({})", "d:set('t', {l = {[3]='c',[1]='a'}})", R"({"t":{"l":["a","c"]}})"},
        Change{R"({})", "d:set('t', {l = {}})", R"({"t":{"l":null}})"},
        Change{R"({"n":null})", "d:set('u', d:get('n'))", R"({"n":null,"u":null})"},
        Change{R"({})", "d:set('f', function() end)", R"({})"},
        Change{R"({})", "d:set('x', nil)", R"({})"},
        Change{R"({"l":[1,2,3]})", "local l = d:get('l') l:set(0, 'x')", R"({"l":["x",2,3]})"},
        // A list that grew is private until it is set again.
        Change{R"({"l":[1]})", "local l = d:get('l') l:set(1, 'x')", R"({"l":[1]})"},
        Change{R"({"l":[1]})", "local l = d:get('l') l:set(1, 'x') d:set('l', l)",
               R"({"l":[1,"x"]})"},
        // One that shrank shows the shared elements.
        Change{R"({"l":[1,2,3]})", "d:get('l'):del(0)", R"({"l":[2,3,null]})"},
        Change{R"({"l":[1,2,3]})", "local l = d:get('l') l:del(0) d:set('l', l)", R"({"l":[2,3]})"},
        Change{R"({})", "local l = luaList.new() l:set(2, 'c') d:set('l', l)",
               R"({"l":[null,null,"c"]})"},
        Change{R"({"a":{"n":1}})", "d:set('b', d:get('a')) d:get('a'):set('n', 2)",
               R"({"a":{"n":2},"b":{"n":2}})"},
        Change{R"({"a":1})", "d:set('e', d:keyExists('a')) d:set('m', d:keyExists('z'))",
               R"({"a":1,"e":true,"m":false})"}));

TEST(Numbers, UntouchedOnesKeepTheirText) {
  EXPECT_EQ(post("response.load():data():get('id')", R"({"id":1.10,"big":9007199254740993})"),
            R"({"id":1.10,"big":9007199254740993})");
}

struct Number {
  const char* expression;
  const char* json;
};
class WrittenNumbers : public ::testing::TestWithParam<Number> {};
TEST_P(WrittenNumbers, AsGoWritesThem) {
  EXPECT_EQ(value_of(GetParam().expression), std::string(R"({"r":)") + GetParam().json + "}");
}
INSTANTIATE_TEST_SUITE_P(Cases, WrittenNumbers,
                         ::testing::Values(Number{"43.0", "43"}, Number{"1.10", "1.1"},
                                           Number{"1e20", "100000000000000000000"},
                                           Number{"1e21", "1e+21"}, Number{"1e-7", "1e-7"},
                                           Number{"0.000001", "0.000001"},
                                           Number{"9007199254740993", "9007199254740992"},
                                           Number{"math.huge", "1.7976931348623157e+308"}));

TEST(Numbers, WhatJsonCannotWriteIsAnError) {
  EXPECT_EQ(value_of("0/0"), "0 json: unsupported value");
  EXPECT_EQ(value_of("1/0"), "0 json: unsupported value");
}

TEST(Data, TablesInThemselvesAreErrors) {
  EXPECT_EQ(post("local t = {} t.t = t response.load():data():set('t', t)").substr(0, 26),
            "0 a table is nested too de");
  EXPECT_EQ(post("local d = response.load():data() d:set('self', d)"),
            "0 a table is nested too deep");
}

TEST(Data, SharedTablesDoNotMultiplyWithoutEnd) {
  const std::string out = post(
      "local d = response.load():data() local t = luaTable.new() t:set('x', 'y') "
      "for i = 1, 40 do local u = luaTable.new() u:set('a', t) u:set('b', t) t = u end "
      "d:set('t', t)");
  EXPECT_EQ(out, "0 not enough memory");
}

TEST(Tables, AListThatGrewSharesItsTables) {
  const std::string out = post(
      "local d = response.load():data() local l = d:get('l') l:set(2, 'new') "
      "d:get('l'):get(0):set('a', 'changed') d:set('m', l)",
      R"({"l":[{"a":1.50},"x"]})");
  EXPECT_TRUE(*json::parse(out) ==
              *json::parse(R"({"l":[{"a":"changed"},"x"],"m":[{"a":"changed"},"x","new"]})"))
      << out;
}

TEST(Tables, KeysCannotCollide) {
  json::Value::Object members;
  for (std::string& key : hostile::colliding_keys(60'000))
    members.push_back({std::move(key), json::Value(true)});
  const double seconds = hostile::seconds_of([&] {
    Heap heap(std::size_t{1} << 30);
    Item item{json::Value(std::move(members))};
    heap.open(item);
    EXPECT_EQ(item.map()->size(), 60'000U);
  });
  EXPECT_LT(seconds, 6);
}

}  // namespace
}  // namespace ropewalk::lua
