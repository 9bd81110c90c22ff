// Where KrakenD's Lua differs from the C one, and the libraries.
#include "world.h"

namespace ropewalk::lua {
namespace {

using testing::post;
using testing::value_of;

struct Expression {
  const char* code;
  const char* value;  // JSON
};

class Language : public ::testing::TestWithParam<Expression> {};
TEST_P(Language, Yields) {
  EXPECT_EQ(value_of(GetParam().code), std::string(R"({"r":)") + GetParam().value + "}");
}

INSTANTIATE_TEST_SUITE_P(
    Text, Language,
    ::testing::Values(
        Expression{"tostring(1)", R"("1")"}, Expression{"tostring(1e15)", R"("1000000000000000")"},
        Expression{"tostring(1e16)", R"("10000000000000000")"},
        Expression{"tostring(1234567.5)", R"("1.2345675e+06")"},
        Expression{"tostring(1e100)", R"("1e+100")"}, Expression{"-0.0 .. ''", R"("0")"},
        Expression{"1e15 .. ''", R"("1000000000000000")"},
        Expression{"9007199254740993 .. 'x' .. 2 .. 0.5", R"("9007199254740992x20.5")"},
        Expression{"'a' .. 1 .. 'b'", R"("a1b")"}, Expression{"tostring(nil)", R"("nil")"},
        Expression{"string.upper('stra\xc3\x9f"
                   "e \xc3\xa9')",
                   "\"STRA\xc3\x9f"
                   "E \xc3\x89\""},
        Expression{"string.lower('\xc3\x84')", "\"\xc3\xa4\""},
        Expression{"tonumber('0x1F')", "31"}, Expression{"tonumber(' 5 ')", "5"},
        Expression{"tostring(tonumber('1e2'))", R"("nil")"}, Expression{"tonumber('11', 2)", "3"},
        Expression{"tostring(tonumber(''))", R"("nil")"}, Expression{"'10' + 1", "11"},
        Expression{"_VERSION", R"("Lua 5.1")"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, Language,
    ::testing::Values(
        Expression{"('abc'):sub(-2)", R"("bc")"}, Expression{"('abc'):sub(2, 2)", R"("b")"},
        Expression{"('abc'):len()", "3"}, Expression{"('ab'):rep(3)", R"("ababab")"},
        Expression{"('abc'):byte(2)", "98"}, Expression{"string.char(65, 66)", R"("AB")"},
        Expression{"('k=v'):match('(%w+)=(%w+)')", R"("k")"},
        Expression{"select(2, ('k=v'):match('(%w+)=(%w+)'))", R"("v")"},
        Expression{"('a.b'):find('.', 1, true)", "2"}, Expression{"('hello'):find('l+')", "3"},
        Expression{"('hello'):gsub('l', 'L')", R"("heLLo")"},
        Expression{"(('a b c'):gsub('%s', '-'))", R"("a-b-c")"},
        Expression{"('abc'):gsub('', '-')", R"("-a-b-c-")"},
        Expression{"('x=1'):gsub('(%w)=(%w)', '%2=%1')", R"("1=x")"},
        Expression{"('ab'):gsub('%w', {a = 'A'})", R"("Ab")"},
        Expression{"('ab'):gsub('%w', function(c) return c .. c end)", R"("aabb")"},
        Expression{"('[x]'):match('%b[]')", R"("[x]")"},
        Expression{"('THE (quick) fox'):find('%((%a+)%)')", "5"},
        Expression{"string.format('%d %s %.2f %05d %x', 3.7, 'a', 1.005, 42, 255)",
                   R"("3 a 1.00 00042 ff")"},
        Expression{"string.format('%s|%5s|%-5s|', nil, 'a', 'b')", R"("nil|    a|b    |")"},
        Expression{"string.format('%q', 'a\"b')", R"("\"a\\\"b\"")"},
        Expression{"table.concat({1, 'b', 2.5}, ',')", R"("1,b,2.5")"},
        Expression{"(function() local t = {3,1,2} table.sort(t) return table.concat(t) end)()",
                   R"("123")"},
        Expression{"(function() local t = {1,2} table.insert(t, 1, 0) table.remove(t) return "
                   "table.concat(t) end)()",
                   R"("01")"},
        Expression{"(function() local r = '' for w in ('a b'):gmatch('%w') do r = r .. w .. '.' "
                   "end return r end)()",
                   R"("a.b.")"}));

TEST(Libraries, AreClosedUnlessAllowed) {
  for (const char* name : {"string", "math", "os", "io", "coroutine", "debug", "channel"}) {
    const std::string expression = std::string("type(") + name + ")";
    EXPECT_EQ(value_of(expression, false), R"({"r":"nil"})") << name;
    EXPECT_EQ(value_of(expression, true), R"({"r":"table"})") << name;
  }
  for (const char* name : {"ffi", "jit", "bit"})
    EXPECT_EQ(value_of(std::string("type(") + name + ")", true), R"({"r":"nil"})") << name;
  EXPECT_EQ(value_of("tostring(pcall(require, 'ffi'))", true), R"({"r":"false"})");
  EXPECT_EQ(value_of("('a'):upper()", false).substr(0, 2), "0 ");
}

TEST(Libraries, CompiledCodeIsNotLoaded) {
  EXPECT_EQ(value_of("tostring(loadstring('\\27LJ'))"), R"({"r":"nil"})");
  EXPECT_EQ(value_of("loadstring('return 40 + 2')()"), R"({"r":42})");
  EXPECT_EQ(value_of("tostring(loadstring('return 1LL'))"), R"({"r":"nil"})");
}

TEST(Errors, AreCaughtWithTheirPlace) {
  EXPECT_EQ(value_of("select(2, pcall(function() error('caught') end))"),
            R"({"r":"<string>:1: caught"})");
  EXPECT_EQ(value_of("select(2, pcall(function() custom_error('x', 403) end))"),
            R"({"r":"<string>:1: x || 403"})");
}

struct Refusal {
  const char* code;
  const char* outcome;
};
class Refusals : public ::testing::TestWithParam<Refusal> {};
TEST_P(Refusals, EndWith) { EXPECT_EQ(post(GetParam().code), GetParam().outcome); }
INSTANTIATE_TEST_SUITE_P(
    Cases, Refusals,
    ::testing::Values(
        Refusal{"custom_error('no tenant')", "0 no tenant"},
        Refusal{"custom_error('go away', 403)", "403 go away"},
        Refusal{"custom_error('f', 404.9)", "404 f"}, Refusal{"custom_error('s', '429')", "429 s"},
        Refusal{"custom_error('x', 0)", "500 x"}, Refusal{"custom_error('x', 99)", "500 x"},
        Refusal{"custom_error('x', 1000)", "500 x"}, Refusal{"custom_error('neg', -1)", "0 neg"},
        Refusal{"custom_error(12, 400)", "400 12"},
        Refusal{"custom_error('key: value: x', 409)", "409 key: value: x"},
        Refusal{"custom_error()", "0 need arguments (post-script:L1)"},
        Refusal{"custom_error('s', 'abc')",
                "0 bad argument #2 to custom_error (number expected, got string) (post-script:L1)"},
        Refusal{"custom_error(nil, 400)",
                "0 bad argument #1 to custom_error (string expected, got nil) (post-script:L1)"},
        Refusal{"error('plain error')", "0 plain error (post-script:L1)"},
        Refusal{"\nlocal x = 1\nerror('third')", "0 third"},
        Refusal{"local x = 1\nerror('second')", "0 second (post-script:L2)"},
        Refusal{"error({})", "0 a table was raised as an error"},
        Refusal{"http_response.new()", "0 need 1, 3 or 4 arguments (post-script:L1)"},
        Refusal{"http_response.new('ftp://h/x')",
                "0 unsupported protocol scheme: expected http or https (post-script:L1)"}));

TEST(Errors, CarryTheContentType) {
  testing::World world;
  const auto made =
      testing::filter(testing::Block().pre("custom_error('{}', 418, 'application/json')"));
  testing::FakeFlow flow(world);
  EXPECT_EQ(made->on_request(flow), pipeline::Step::fail);
  EXPECT_EQ(flow.error.status, 418u);
  EXPECT_EQ(flow.error.content_type, "application/json");
  EXPECT_EQ(flow.error.message, "{}");
}

}  // namespace
}  // namespace ropewalk::lua
