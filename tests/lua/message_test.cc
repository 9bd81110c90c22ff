// request, response, ctx and http_response.
#include "world.h"

namespace ropewalk::lua {
namespace {

using pipeline::Step;
using testing::Block;
using testing::FakeFlow;
using testing::FakePassage;
using testing::filter;
using testing::World;

void fill(pipeline::Request& request) {
  request.method = "POST";
  request.path = "/users/a%20b";
  request.params = {{"Id", "a b"}};
  request.query = {{"q", "a b"}, {"z", "1"}, {"q", "c"}};
  request.set_body("sku=1");
  pipeline::add_field(request.headers, request.arena, "X-Tenant", "acme");
  pipeline::add_field(request.headers, request.arena, "X-Tenant", "beta");
}

struct Read {
  const char* expression;
  const char* proxy;
  const char* backend;
};
class Reading : public ::testing::TestWithParam<Read> {};
TEST_P(Reading, Shows) {
  for (const bool backend : {false, true}) {
    World world;
    Block block;
    block.set("host", json::Value("http://h:8081"))
        .pre(std::string("local r = request.load() r:headers('X-Out', tostring(") +
             GetParam().expression + "))");
    const auto made = filter(block, backend ? config::Level::backend : config::Level::endpoint);
    FakeFlow flow(world);
    fill(flow.request);
    ASSERT_EQ(made->on_request(flow), Step::next) << flow.error.message;
    EXPECT_EQ(pipeline::find_field(flow.request.headers, "X-Out")->value,
              backend ? GetParam().backend : GetParam().proxy);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Reading,
    ::testing::Values(Read{"r:method()", "POST", "POST"},
                      Read{"r:path()", "/users/a b", "/users/a b"},
                      Read{"r:query()", "q=a+b&q=c&z=1", "q=a+b&q=c&z=1"},
                      Read{"r:url()", "", "http://h:8081/users/a%20b?q=a+b&q=c&z=1"},
                      Read{"r:params('Id')", "a b", "a b"}, Read{"r:params('id')", "", ""},
                      Read{"r:params():get('Id')", "a b", "a b"},
                      Read{"r:headers('x-tenant')", "acme", "acme"},
                      Read{"r:headers('X-None')", "", ""}, Read{"r:headers():len()", "1", "1"},
                      Read{"r:headerList('x-tenant'):len()", "2", "2"},
                      Read{"r:body() .. r:body()", "sku=1sku=1", "sku=1sku=1"}));

std::string fields_text(const http::Fields& fields) {
  std::string out;
  for (const http::Field& field : fields)
    out += std::string(field.name) + ": " + std::string(field.value) + "\n";
  return out;
}

TEST(Request, IsChanged) {
  World world;
  const auto made = filter(Block().pre(
      "local r = request.load() r:headers('x-tenant', nil) r:headers('x-new', 5) "
      "local l = luaList.new() l:set(0, 'one') l:set(1, 'two') r:headerList('X-List', l) "
      "r:query('page=9&x=a%20b') r:params('Id', 'changed') r:body('new') "
      "r:headers('Content-Length', '9')"));
  FakeFlow flow(world);
  fill(flow.request);
  ASSERT_EQ(made->on_request(flow), Step::next) << flow.error.message;
  EXPECT_EQ(fields_text(flow.request.headers), "X-New: 5\nX-List: one\nX-List: two\n");
  EXPECT_EQ(flow.request.query,
            (std::vector<std::pair<std::string, std::string>>{{"page", "9"}, {"x", "a b"}}));
  EXPECT_EQ(flow.request.find_param("Id")->value, "changed");
  EXPECT_EQ(flow.request.body, "new");
}

TEST(Request, OfABackendGoesToAnotherUrl) {
  World world;
  const auto made =
      filter(Block().pre("request.load():url('http://other:9/x?y=1')"), config::Level::backend);
  FakeFlow flow(world);
  fill(flow.request);
  ASSERT_EQ(made->on_request(flow), Step::next) << flow.error.message;
  EXPECT_EQ(flow.request.destination, "http://other:9");
  EXPECT_EQ(flow.request.path, "/x?y=1");
  EXPECT_TRUE(flow.request.query.empty());
}

TEST(Request, FieldsCannotBeSplit) {
  for (const char* code :
       {"request.load():headers('X-A', 'a\\r\\nX-B: 1')", "request.load():headers('X A', '1')",
        "request.load():headerList('X-A', 'text')"}) {
    World world;
    const auto made = filter(Block().pre(code));
    FakeFlow flow(world);
    EXPECT_EQ(made->on_request(flow), Step::fail) << code;
    EXPECT_EQ(flow.request.headers.size(), 0u);
  }
}

TEST(Response, OfNoOpIsChanged) {
  World world;
  const auto made = filter(Block().post(
      "local r = response.load() r:body(r:body() .. '!') r:statusCode(r:statusCode() + 2) "
      "r:headers('X-Lua', '[' .. r:headers('x-tag') .. r:headers('X-Tag') .. ']')"));
  EXPECT_TRUE(made->needs_answer_body());
  FakeFlow flow(world);
  flow.response.raw = true;
  flow.response.status = 200;
  flow.response.body = "body";
  pipeline::add_field(flow.response.headers, flow.response.arena, "X-Tag", "t1");
  pipeline::add_field(flow.response.headers, flow.response.arena, "Content-Length", "4");
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_EQ(flow.response.body, "body!");
  EXPECT_EQ(flow.response.status, 202u);
  EXPECT_EQ(fields_text(flow.response.headers), "X-Tag: t1\nX-Lua: [t1]\n");
}

TEST(Response, OfJsonShowsNoFieldsOfTheBackend) {
  World world;
  const auto made =
      filter(Block().post("local r = response.load() r:data():set('n', r:headers():len()) "
                          "r:data():set('code', r:statusCode()) r:headers('x-lua', 'yes') "
                          "r:isComplete(false)"),
             config::Level::backend);
  FakeFlow flow(world);
  flow.response.status = 200;
  flow.response.complete = true;
  flow.response.data = json::Value::object();
  pipeline::add_field(flow.response.headers, flow.response.arena, "X-Tag", "t1");
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_EQ(json::to_string(flow.response.data), R"({"n":0,"code":0})");
  EXPECT_EQ(fields_text(flow.response.headers), "X-Lua: yes\n");
  EXPECT_FALSE(flow.response.complete);
}

TEST(Response, OfDetailsHasTheStatusOfTheFailure) {
  World world;
  const auto made =
      filter(Block().post("local r = response.load() r:data():set('code', r:statusCode())"));
  FakeFlow flow(world);
  flow.response.data = *json::parse(R"({"error_a":{"http_status_code":503}})");
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_EQ(flow.response.data.find("code")->as_integer(), 503);
  flow.response.data = *json::parse(R"({"error_a":{"http_status_code":503},"id":1})");
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_EQ(flow.response.data.find("code")->as_integer(), 0);
}

TEST(Response, BesideAnErrorIsLeftAlone) {
  World world;
  const auto made = filter(Block().post("response.load():data():set('x', 1)"));
  FakeFlow flow(world);
  flow.response.data = *json::parse(R"({"id":1})");
  flow.error.message = "a backend failed";
  ASSERT_EQ(made->on_response(flow), Step::next);
  EXPECT_EQ(json::to_string(flow.response.data), R"({"id":1})");
}

TEST(SkipNext, AnswersWithoutTheBackend) {
  World world;
  const auto made = filter(Block().skip_next().post("response.load():data():set('id', 'lua')"));
  FakeFlow flow(world);
  ASSERT_EQ(made->on_request(flow), Step::done) << flow.error.message;
  EXPECT_EQ(json::to_string(flow.response.data), R"({"id":"lua"})");
  EXPECT_FALSE(flow.response.complete);
}

TEST(Globals, OfPreAreThereInPost) {
  World world;
  const auto made = filter(Block()
                               .file("sources", "a.lua", "shared = 'src'")
                               .pre("tenant = shared .. '+pre'")
                               .post("response.load():data():set('t', tenant)"));
  FakeFlow flow(world);
  ASSERT_EQ(made->on_request(flow), Step::next);
  flow.response.data = json::Value::object();
  ASSERT_EQ(made->on_response(flow), Step::next) << flow.error.message;
  EXPECT_EQ(json::to_string(flow.response.data), R"({"t":"src+pre"})");
}

pipeline::FetchAnswer answer(unsigned status, std::string body) {
  return {.status = status, .headers = {{"X-Tag", "t1"}, {"x-tag", "t2"}}, .body = std::move(body)};
}

TEST(Calls, WaitForTheirAnswer) {
  World world;
  const auto made = filter(Block().pre(
      "local r = http_response.new('http://h/x', 'POST', 'b', {['x-one'] = '1', ['X-Many'] = "
      "{'a', 'b'}, ['X-N'] = 5}) local q = request.load() q:headers('X-Code', r:statusCode()) "
      "q:headers('X-Body', r:body() .. r:body()) q:headers('X-Tags', "
      "r:headerList('X-TAG'):len()) r:close()"));
  FakeFlow flow(world);
  ASSERT_EQ(made->on_request(flow), Step::wait);
  ASSERT_EQ(world.fetched.size(), 1u);
  EXPECT_EQ(world.fetched[0].method, "POST");
  EXPECT_EQ(world.fetched[0].body, "b");
  EXPECT_EQ(world.fetched[0].headers.size(), 3u);
  world.answer(answer(404, "x"));
  ASSERT_EQ(flow.resumed_with, Step::next) << flow.error.message;
  EXPECT_EQ(fields_text(flow.request.headers), "X-Code: 404\nX-Body: xx\nX-Tags: 2\n");
}

TEST(Calls, ThatFailRaiseAnErrorThatCanBeCaught) {
  World world;
  const auto made = filter(
      Block().pre("local ok, e = pcall(http_response.new, 'http://h/x') "
                  "request.load():headers('X-Ok', tostring(ok)) http_response.new('http://h/y')"));
  FakeFlow flow(world);
  ASSERT_EQ(made->on_request(flow), Step::wait);
  world.answer(fail(Kind::connect, "refused"));
  EXPECT_FALSE(flow.resumed_with);
  EXPECT_EQ(pipeline::find_field(flow.request.headers, "X-Ok")->value, "false");
  world.answer(fail(Kind::connect, "refused"));
  ASSERT_EQ(flow.resumed_with, Step::fail);
  EXPECT_EQ(flow.error.message, "refused (pre-script:L1)");
}

TEST(Calls, FollowRedirectsAndLeaveCredentialsAtHome) {
  World world;
  const auto made = filter(Block().pre(
      "http_response.new('http://h/x', 'POST', 'b', {Authorization = 't', ['X-A'] = '1'})"));
  FakeFlow flow(world);
  ASSERT_EQ(made->on_request(flow), Step::wait);
  pipeline::FetchAnswer moved{
      .status = 302, .headers = {{"Location", "http://other/y"}}, .body = ""};
  world.answer(moved);
  ASSERT_EQ(world.fetched.size(), 2u);
  EXPECT_EQ(world.fetched[1].url, "http://other/y");
  EXPECT_EQ(world.fetched[1].method, "GET");
  EXPECT_EQ(world.fetched[1].body, "");
  EXPECT_EQ(world.fetched[1].headers, (std::vector<std::pair<std::string, std::string>>{
                                          {"X-A", "1"}, {"Referer", "http://h/x"}}));
  for (int i = 0; i < 10; ++i) world.answer(moved);
  EXPECT_EQ(flow.resumed_with, Step::fail);
}

TEST(Calls, OfAClientThatLeftEndNowhere) {
  World world;
  const auto made = filter(Block().pre("http_response.new('http://h/x')"));
  {
    FakeFlow flow(world);
    ASSERT_EQ(made->on_request(flow), Step::wait);
  }
  world.answer(answer(200, ""));
  FakeFlow next(world);
  EXPECT_EQ(made->on_request(next), Step::wait);
}

struct GateCase {
  const char* code;
  unsigned status;
  const char* type;
};
class Gates : public ::testing::TestWithParam<GateCase> {};
TEST_P(Gates, Answer) {
  for (const config::Level level : {config::Level::service, config::Level::endpoint}) {
    World world;
    const std::string text = Block().pre(GetParam().code).text();
    const auto gate = make_gate({.level = level, .text = text});
    ASSERT_TRUE(gate);
    FakePassage passage(world);
    const bool service = level == config::Level::service;
    const Step step = (*gate)->run(passage);
    EXPECT_EQ(step, GetParam().status == 0 ? Step::next : Step::done);
    EXPECT_EQ(passage.answered, GetParam().status == 0 ? 0 : service ? 500 : GetParam().status);
    EXPECT_EQ(passage.content_type, service ? "" : GetParam().type);
    EXPECT_EQ(passage.body_sent, "");
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, Gates,
                         ::testing::Values(GateCase{"local x = 1", 0, ""},
                                           GateCase{"custom_error('x')", 500, ""},
                                           GateCase{"custom_error('x', 403)", 403, ""},
                                           GateCase{"custom_error('x', 418, 'a/b')", 418, "a/b"},
                                           GateCase{"custom_error('a || b', 400)", 500, "400"},
                                           GateCase{"custom_error('x', 99)", 500, ""},
                                           GateCase{"error('x')", 500, ""}));

TEST(Gate, ReadsAndChangesTheRequest) {
  World world;
  config::v1::Endpoint endpoint;
  endpoint.set_path("/users/{id}");
  const std::string text =
      Block()
          .pre(
              "local c = ctx.load() c:headers('X-Out', c:params('id') .. c:query('q') .. "
              "c:url() .. c:host() .. c:method()) c:query('q', 'a b') c:params('id', 'new') "
              "c:method('DELETE')")
          .text();
  const auto gate =
      make_gate({.level = config::Level::endpoint, .text = text, .endpoint = &endpoint});
  ASSERT_TRUE(gate);
  EXPECT_FALSE((*gate)->needs_body());
  FakePassage passage(world);
  passage.request.method = "GET";
  passage.request.target = "/users/7?z=1&q=2";
  passage.request.path = "/users/7";
  passage.request.query = "z=1&q=2";
  passage.request.host = "h";
  passage.params = {{"Id", "7"}};
  EXPECT_EQ((*gate)->run(passage), Step::next);
  EXPECT_EQ(pipeline::find_field(passage.request.fields, "X-Out")->value, "72/users/7?z=1&q=2hGET");
  EXPECT_EQ(passage.request.target, "/users/7?q=a+b&z=1");
  EXPECT_EQ(passage.request.query, "q=a+b&z=1");
  EXPECT_EQ(passage.request.path, "/users/7");
  EXPECT_EQ(passage.request.method, "GET");
  EXPECT_EQ(passage.params[0].value, "new");
}

TEST(Gate, WaitsForACall) {
  World world;
  const std::string text = Block()
                               .pre(
                                   "if http_response.new('http://h/x'):statusCode() ~= 200 then "
                                   "custom_error('no', 403) end")
                               .text();
  const auto gate = make_gate({.level = config::Level::endpoint, .text = text});
  ASSERT_TRUE(gate);
  FakePassage passage(world);
  ASSERT_EQ((*gate)->run(passage), Step::wait);
  world.answer(answer(404, ""));
  EXPECT_EQ(passage.resumed_with, Step::done);
  EXPECT_EQ(passage.answered, 403u);
}

}  // namespace
}  // namespace ropewalk::lua
