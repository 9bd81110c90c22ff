// Limits, and that nothing of a request is left for the next one.
#include "tests/common/colliding_keys.h"
#include "world.h"

namespace ropewalk::lua {
namespace {

using pipeline::Step;
using testing::Block;
using testing::FakeFlow;
using testing::filter;
using testing::post;
using testing::World;

class Limit : public ::testing::TestWithParam<const char*> {};
TEST_P(Limit, EndsTheRequest) {
  const std::string out = post(GetParam(), "{}", true);
  EXPECT_TRUE(out.starts_with("0 ")) << out;
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Limit,
    ::testing::Values(
        "while true do end", "while true do pcall(function() while true do end end) end",
        "local function f() return f() end f()", "local function f() return 1 + f() end f()",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end", "local s = ('x'):rep(1e9)",
        "('a'):rep(1e5):find(('a*'):rep(30) .. 'b')",
        "local s = ('x'):rep(1e6) while true do s:find('y') end",
        "local s = ('y'):rep(1e6) while true do ('x'):find(s, 1, true) end",
        "('a'):rep(1e4):find('%f[' .. ('b'):rep(1e5) .. ']')",
        "local t = {} while true do table.insert(t, 1, 1) end", "while true do luaTable.new() end",
        "local l = luaList.new() while true do l:set(l:len(), 1) end",
        "local co = coroutine.wrap(function() while true do end end) co()",
        "while true do request.load():headers('X-A', 'v') end",
        "setmetatable({}, {__index = function(t, k) return t[k] end}).x = nil; local t = "
        "setmetatable({}, {}) getmetatable(t).__index = t; return t.x",
        "os.exit()", "coroutine.yield()",
        "('x'):rep(1e5):gsub('()', function() return ('y'):rep(1e4) end)",
        "(' '):rep(1e4):gsub('(a?)', ('%1'):rep(1e4))",
        "return pcall(function() while true do end end)",
        "local d = response.load():data() for i = 1, 1e6 do d:set('k' .. i, true) end"));

// Ended where it grows, by the function itself: the interpreter would say so without a place, and
// only when the whole text was there.
class Growth : public ::testing::TestWithParam<const char*> {};
TEST_P(Growth, EndsBeforeTheWholeIsMade) {
  EXPECT_EQ(post(GetParam(), "{}", true), "0 not enough memory (post-script:L2)");
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Growth,
    ::testing::Values("local s, t = ('x'):rep(4e6), {} for i = 1, 20 do t[i] = s end\n"
                      "string.format(('%s'):rep(20), unpack(t))",
                      "local s, t = ('\\0'):rep(4e6), {} for i = 1, 20 do t[i] = s end\n"
                      "string.format(('%q'):rep(20), unpack(t))",
                      "local t\n('x'):rep(4e6):gsub('.+', ('%0'):rep(20))",
                      "local t\n('x'):rep(4e6):gsub('(.+)', ('%1'):rep(20))"));

// What scripts set is held until the request ends: 8 MiB, again and again.
class Held : public ::testing::TestWithParam<const char*> {};
TEST_P(Held, Counts) {
  const std::string code = std::string(
                               "local r = request.load() local s = ('x'):rep(8e6) "
                               "for i = 1, 6 do ") +
                           GetParam() + " end";
  for (const config::Level level : {config::Level::endpoint, config::Level::backend}) {
    World world;
    const auto made = filter(Block().pre(code).open(), level);
    FakeFlow flow(world);
    EXPECT_EQ(made->on_request(flow), Step::fail);
    EXPECT_THAT(flow.error.message, ::testing::HasSubstr("took more than it may"));
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, Held,
                         ::testing::Values("r:method(s)", "r:path(s)", "r:query(s)",
                                           "r:url('/' .. s)", "r:params(s, 'x')",
                                           "r:params('Id', s)", "r:body(s)"));

class HeldByGate : public ::testing::TestWithParam<const char*> {};
TEST_P(HeldByGate, Counts) {
  World world;
  const std::string code =
      std::string("local c = ctx.load() local s = ('x'):rep(8e6) for i = 1, 6 do ") + GetParam() +
      " end";
  const std::string text = Block().pre(code).open().text();
  const auto made = make_gate({.level = config::Level::endpoint, .text = text});
  ASSERT_TRUE(made) << made.error().message;
  testing::FakePassage passage(world);
  passage.request.path = "/a";
  EXPECT_EQ((*made)->run(passage), Step::done);
  EXPECT_EQ(passage.answered, 500U) << passage.body_sent;
}
INSTANTIATE_TEST_SUITE_P(Cases, HeldByGate,
                         ::testing::Values("c:method(s)", "c:url('/?' .. s)", "c:host(s)",
                                           "c:query('q' .. i, s)", "c:params('x', s)",
                                           "c:body(s)"));

// Names and values of a query take more than its text.
TEST(Sandbox, ManySmallParametersAreRefused) {
  World world;
  const auto made = filter(Block().pre("request.load():query(('a&'):rep(1e6))").open());
  FakeFlow flow(world);
  EXPECT_EQ(made->on_request(flow), Step::fail);
}

// A list that grows has its texts once more, each time.
TEST(Sandbox, CopiesOfListsCount) {
  const std::string data = R"({"l":[")" + std::string(6'000'000, 'x') + R"(",{"a":1}]})";
  const std::string out =
      post("local d = response.load():data() for i = 1, 100 do d:get('l'):set(2, i) end", data);
  EXPECT_TRUE(out.starts_with("0 ")) << out.substr(0, 100);
}

// Without charge this takes half a minute.
TEST(Sandbox, PlainSearchIsLinear) {
  const double seconds = hostile::seconds_of([] {
    EXPECT_EQ(testing::value_of("('a'):rep(2e6):find(('a'):rep(1e6) .. 'b', 1, true) == nil"),
              R"({"r":true})");
  });
  EXPECT_LT(seconds, 6);
}

TEST(Sandbox, PlainSearchFindsPlaces) {
  EXPECT_EQ(testing::value_of("('a.b.c'):find('.', 3, true) .. ('abc'):find('', 3) .. "
                              "tostring(('abc'):find('a', 2)) .. ('aab'):find('ab')"),
            R"({"r":"43nil2"})");
}

// One script run after another in one state.
std::string twice(const std::string& first, const std::string& second, bool open = true) {
  World world;
  Block block;
  block.pre("if request.load():headers('X-First') ~= '' then " + first + " else " + second +
            " end");
  if (open) block.open();
  const auto made = filter(block);
  for (const bool is_first : {true, false}) {
    FakeFlow flow(world);
    if (is_first) pipeline::add_field(flow.request.headers, flow.request.arena, "X-First", "1");
    const Step step = made->on_request(flow);
    if (is_first) continue;
    if (step == Step::fail) return flow.error.message;
    const http::Field* out = pipeline::find_field(flow.request.headers, "X-Out");
    return out ? std::string(out->value) : "";
  }
  return {};
}

class Leak : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};
TEST_P(Leak, IsNotThere) {
  const std::string read =
      std::string("request.load():headers('X-Out', tostring(") + GetParam().second + "))";
  EXPECT_EQ(twice(GetParam().first, read), "nil");
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Leak,
    ::testing::Values(std::pair("secret = 1", "secret"), std::pair("_G.secret = 1", "_G.secret"),
                      std::pair("string.secret = 1", "string.secret"),
                      std::pair("table.secret = 1", "table.secret"),
                      std::pair("luaTable.secret = 1", "luaTable.secret"),
                      std::pair("luaTable.__index.secret = 1", "luaTable.__index.secret"),
                      std::pair("package.loaded.secret = 1", "package.loaded.secret"),
                      std::pair("getfenv(print).secret = 1", "getfenv(print).secret"),
                      std::pair("getfenv(0).secret = 1", "getfenv(0).secret"),
                      std::pair("getfenv(dofile).secret = 1", "getfenv(dofile).secret"),
                      std::pair("getmetatable('').__index.secret = 1", "('').secret"),
                      std::pair("getmetatable('').secret = 1", "getmetatable('').secret"),
                      std::pair("pcall(setfenv, http_response.new, {}) secret = 1", "secret"),
                      std::pair("os.secret = 1", "os.secret")));

TEST(Sandbox, FunctionsOfTheGatewayKeepTheirEnvironment) {
  EXPECT_EQ(post("setfenv(print, {})").substr(0, 2), "0 ");
  EXPECT_EQ(post("setfenv(http_response.new, {})").substr(0, 2), "0 ");
}

TEST(Sandbox, AFailedRequestDoesNotHurtTheNext) {
  EXPECT_EQ(twice("while true do end", "request.load():headers('X-Out', 'fine')"), "fine");
  EXPECT_EQ(twice("local s = 'x' while true do s = s .. s end",
                  "request.load():headers('X-Out', 'fine')"),
            "fine");
}

TEST(Sandbox, AfterACaughtLimitTheNextRequestIsServed) {
  EXPECT_EQ(twice("return pcall(function() while true do end end)",
                  "request.load():headers('X-Out', 'fine')"),
            "fine");
}

TEST(Sandbox, FilesAreOnlyThoseThatCameAlong) {
  World world;
  Block block;
  block.file("files", "greet.lua", "function greet(n) return 'hello ' .. n end")
      .post(
          "dofile('greet.lua') local d = response.load():data() d:set('g', greet('Ana')) "
          "d:set('r', tostring(loadfile('/etc/hostname')))");
  const auto made = filter(block);
  FakeFlow flow(world);
  ASSERT_EQ(made->on_request(flow), Step::next);
  flow.response.data = json::Value::object();
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_EQ(json::to_string(flow.response.data), R"({"g":"hello Ana","r":"nil"})");
}

TEST(Sandbox, ModulesAreLoadedOnce) {
  World world;
  Block block;
  block.file("files", "shop/tax.lua", "count = (count or 0) + 1 return {rate = 0.19}")
      .post(
          "local a = require('shop.tax') local b = require('shop.tax') "
          "response.load():data():set('r', {same = a == b, n = count, rate = a.rate})");
  const auto made = filter(block);
  FakeFlow flow(world);
  flow.response.data = json::Value::object();
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_TRUE(flow.response.data == *json::parse(R"({"r":{"same":true,"n":1,"rate":0.19}})"))
      << json::to_string(flow.response.data);
}

}  // namespace
}  // namespace ropewalk::lua
