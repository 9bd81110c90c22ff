#include "dataplane/filters/validation/cel.h"

#include "config/extra/cel.h"
#include "tests/common/colliding_keys.h"
#include "tests/filters_validation/fakes.h"

namespace ropewalk::filters {
namespace {

using config::Level;
using pipeline::Step;

Read read(std::string_view block, bool tokens = false) {
  return read_block(block, [&](const auto& extra, auto& diagnostics) {
    return config::read_cel(extra, tokens, diagnostics);
  });
}

// Expressions as the block of an endpoint or backend.
std::string block(const std::vector<std::string>& expressions) {
  nlohmann::json out = nlohmann::json::array();
  for (const std::string& expression : expressions) out.push_back({{"check_expr", expression}});
  return out.dump();
}

pipeline::Site site(std::string_view text, Level level) {
  pipeline::Site out;
  out.text = text;
  out.level = level;
  return out;
}

std::shared_ptr<const pipeline::Filter> filter(const std::vector<std::string>& expressions,
                                               Level level = Level::endpoint) {
  const Read got = read(block(expressions));
  EXPECT_EQ(got.refusal, "");
  auto made = make_cel(site(got.text, level));
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : nullptr;
}

TEST(CelConfig, RefusesWhatCannotBeEvaluated) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"([{"check_expr":"req_method == "}])", "at[0].check_expr: column 15: unexpected end"},
      {R"([{"check_expr":"req_method == 'GET'"},{"check_expr":"req_method == 5"}])",
       "at[1].check_expr: column 12: '==' does not take (string, int)"},
      {R"([{"check_expr":"request_id == 'x'"}])", "at[0].check_expr: column 1: unknown name"},
      {R"([{"check_expr":"'ABC'.lowerAscii() == req_method"}])",
       "at[0].check_expr: column 17: unknown function"},
      {R"([{"check_expr":"[1].all(i, v, v == 99) && req_method != ''"}])",
       "at[0].check_expr: column 8: unknown function"},
      {R"([{"check_expr":"JWT + 1 == 2"}])", "at[0].check_expr: column 5: '+' does not take"},
      {R"([{"check_expr":""}])", "at[0].check_expr: expected an expression"},
      {R"([{"check":"req_method == 'x'"}])", "at[0].check_expr: expected an expression"},
      {R"([{"check_expr":5}])", "at[0].check_expr: expected an expression, got 5"},
      {R"({"check_expr":"req_method == 'x'"})", "at: expected a list"},
      {R"("req_method == 'x'")", "at: expected a list"},
      {R"(["req_method == 'x'"])", "at[0]"},
  };
  for (const auto& [text, message] : kCases)
    EXPECT_TRUE(read(text).refusal.starts_with(message)) << text << "\n" << read(text).refusal;
}

TEST(CelConfig, WarnsAboutWhatHasNoEffect) {
  EXPECT_TRUE(read(block({"req_method == 'GET'"})).warnings.empty());
  EXPECT_EQ(read(block({"now != ''"})).warnings.size(), 1U);
  EXPECT_EQ(read(block({"JWT.sub == 'a'"}), false).warnings.size(), 1U);
  EXPECT_TRUE(read(block({"JWT.sub == 'a'"}), true).warnings.empty());
  EXPECT_EQ(read(block({"req_method"})).warnings.size(), 1U);
  EXPECT_EQ(read("[]").warnings.size(), 1U);
  EXPECT_EQ(read("[]").text, "");
  EXPECT_EQ(read(R"([{"Check_Expr":"req_method == 'x'","comment":1,"@note":2}])").warnings.size(),
            1U);
}

TEST(CelConfig, TheDataPlaneRefusesTheSame) {
  EXPECT_FALSE(config::parse_cel("{}"));
  EXPECT_FALSE(config::parse_cel("[5]"));
  EXPECT_FALSE(config::parse_cel(R"(["req_method == 5"])"));
  EXPECT_FALSE(make_cel(site("nonsense", Level::endpoint)));
  const auto none = make_cel(site(R"(["JWT.a == 'b'"])", Level::endpoint));
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
}

struct RequestCase {
  const char* expression;
  bool passes;
};

class CelRequest : public testing::TestWithParam<RequestCase> {};
TEST_P(CelRequest, SeesTheRequest) {
  FakeFlow flow;
  flow.request.method = "POST";
  flow.request.path = "/v2/orders/a%20b?full=1";
  flow.request.params = {{"Id", "a b"}};
  flow.request.query = {{"tag", "a"}, {"tag", "b c"}, {"q", ""}};
  pipeline::add_field(flow.request.headers, flow.request.arena, "x-role", "admin");
  pipeline::add_field(flow.request.headers, flow.request.arena, "X-Role", "user");
  const Step step = filter({GetParam().expression})->on_request(flow);
  EXPECT_EQ(step, GetParam().passes ? Step::next : Step::fail);
  if (GetParam().passes) return;
  EXPECT_EQ(flow.error.message, "request aborted by evaluator #0");
  EXPECT_EQ(flow.error.status, 500U);
}

INSTANTIATE_TEST_SUITE_P(
    Validation, CelRequest,
    testing::Values(
        RequestCase{"req_method == 'POST'", true}, RequestCase{"req_method == 'GET'", false},
        RequestCase{"req_path == '/v2/orders/a b?full=1'", true},
        RequestCase{"req_params.Id == 'a b' && !has(req_params.id)", true},
        RequestCase{"req_headers['X-Role'] == ['admin', 'user']", true},
        RequestCase{"'x-role' in req_headers", false},
        RequestCase{"size(req_querystring.tag) == 2 && req_querystring.tag[1] == 'b c'", true},
        RequestCase{"req_querystring.q == ['']", true},
        RequestCase{"req_querystring.page[0] == '1'", false},
        RequestCase{"timestamp(now) > timestamp('2024-01-01T00:00:00Z') && req_method != ''", true},
        RequestCase{
            "req_method != '' && now.matches('^[0-9-]+T[0-9:]+([.][0-9]{1,3})?(Z|[+-][0-9:]+)$')",
            true},
        RequestCase{"req_method", false}, RequestCase{"req_method == 'POST' && 1 / 0 == 1", false},
        // Both kinds: the answer has no value yet.
        RequestCase{"req_method == 'POST' && resp_completed", false},
        RequestCase{"resp_data.requests == 'x' || true", true}));

// As many names as fit into a head: in the order of their first, and not by comparing all of them.
TEST(CelRequestChecks, ManyParametersAreNoMatter) {
  FakeFlow flow;
  const auto cost = [&](std::size_t names) {
    flow.request.query.clear();
    for (std::size_t i = 0; i < 2 * names; ++i)
      flow.request.query.emplace_back(std::to_string(i % names), i < names ? "a" : "b");
    const auto lists =
        filter({"size(req_querystring) == " + std::to_string(names) + " && req_querystring['" +
                std::to_string(names - 1) + "'] == ['a', 'b']"});
    double least = 1e9;
    for (int i = 0; i < 3; ++i)
      least = std::min(
          least, hostile::seconds_of([&] { EXPECT_EQ(lists->on_request(flow), Step::next); }));
    return least;
  };
  // Four times as many take four times as long, or a little more; by comparing all, sixteen times.
  EXPECT_LT(cost(17'000), 9 * cost(4'250));
  const auto others = filter({"req_method == ''"});
  const double none = hostile::seconds_of([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(others->on_request(flow), Step::next);
  });
  EXPECT_LT(none, 1) << "nobody asks for them";
}

TEST(CelRequestChecks, AreNumberedWithinTheirKind) {
  FakeFlow flow;
  flow.request.method = "GET";
  const auto checks = filter({"resp_completed", "req_method == 'GET'", "req_method == 'POST'"});
  EXPECT_EQ(checks->on_request(flow), Step::fail);
  EXPECT_EQ(flow.error.message, "request aborted by evaluator #1");
}

struct ResponseCase {
  const char* expression;
  bool passes;
};

class CelResponse : public testing::TestWithParam<ResponseCase> {};
TEST_P(CelResponse, SeesTheAnswer) {
  FakeFlow flow;
  flow.response.complete = true;
  flow.response.data = *json::parse(R"({"id":42,"name":"Zoë","tags":["a"],"none":null})");
  const Step step = filter({GetParam().expression})->on_response(flow);
  EXPECT_EQ(step, GetParam().passes ? Step::next : Step::fail);
}

INSTANTIATE_TEST_SUITE_P(
    Validation, CelResponse,
    testing::Values(ResponseCase{"resp_data.id == '42'", true},
                    ResponseCase{"resp_data.id == 42", false}, ResponseCase{"resp_completed", true},
                    ResponseCase{"resp_metadata_status == 0", true},
                    ResponseCase{"size(resp_metadata_headers) == 0", true},
                    ResponseCase{"resp_data.none == null", true},
                    ResponseCase{"resp_data.missing == null", false},
                    ResponseCase{"resp_completed && req_method == 'GET'", false}));

TEST(CelResponseChecks, AnswersBesideAnErrorPass) {
  const std::vector<std::string> kNever{"resp_data.id == 'never'"};
  FakeFlow flow;
  flow.response.data = *json::parse(R"({"id":1})");
  flow.error.message = "a backend failed";
  EXPECT_EQ(filter(kNever)->on_response(flow), Step::next);
  flow.error = {};
  EXPECT_EQ(filter(kNever)->on_response(flow), Step::fail);
}

// What lacks something without any error is asked, at both levels.
TEST(CelResponseChecks, IncompleteAnswersAreAsked) {
  FakeFlow flow;
  flow.response.data = *json::parse(R"({"id":1})");
  for (const Level level : {Level::endpoint, Level::backend}) {
    EXPECT_EQ(filter({"!resp_completed && resp_data.id == '1'"}, level)->on_response(flow),
              Step::next);
    EXPECT_EQ(filter({"resp_completed"}, level)->on_response(flow), Step::fail);
    flow.error = {};
  }
  flow.response.data = json::Value::object();
  EXPECT_EQ(filter({"!resp_completed && size(resp_data) == 0"})->on_response(flow), Step::next);
  flow.response.complete = true;
  EXPECT_EQ(filter({"resp_completed"})->on_response(flow), Step::next);
}

TEST(CelResponseChecks, DetailsOfAFailureAreAnAnswerWithItsStatus) {
  FakeFlow flow;
  flow.response.data = *json::parse(R"({"error_a":{"http_status_code":404}})");
  EXPECT_EQ(filter({"resp_metadata_status == 404 && !resp_completed"})->on_response(flow),
            Step::next);
  flow.response.data.set("id", json::Value::number(std::int64_t{1}));
  EXPECT_EQ(filter({"resp_metadata_status == 0"})->on_response(flow), Step::next);
}

TEST(CelResponseChecks, NoOpHasStatusAndHeadersAndNoData) {
  FakeFlow flow;
  flow.response.raw = true;
  flow.response.status = 418;
  flow.response.body = R"({"id":42})";
  pipeline::add_field(flow.response.headers, flow.response.arena, "x-a", "1");
  EXPECT_EQ(filter({"resp_completed && resp_metadata_status == 418 && resp_metadata_headers['X-A'] "
                    "== ['1'] && "
                    "size(resp_data) == 0"})
                ->on_response(flow),
            Step::next);
  EXPECT_EQ(filter({"resp_data.id == '42'"})->on_response(flow), Step::fail);
}

TEST(CelOfToken, AsksTheClaims) {
  const Read got = read(block({"JWT.tier == 'gold'", "JWT.level > 6 && JWT.level == 7"}), true);
  const auto made = make_cel_of_token(site(got.text, Level::endpoint));
  ASSERT_TRUE(made && *made);
  FakePassage none;
  EXPECT_EQ((*made)->run(none), Step::next);
  FakePassage good;
  good.claims = *json::parse(R"({"tier":"gold","level":7})");
  EXPECT_EQ((*made)->run(good), Step::next);
  FakePassage bad;
  bad.claims = *json::parse(R"({"tier":"gold"})");
  EXPECT_EQ((*made)->run(bad), Step::done);
  EXPECT_EQ(bad.answered, 401U);
  EXPECT_EQ(bad.answer_text, "");
}

}  // namespace
}  // namespace ropewalk::filters
