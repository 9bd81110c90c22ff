#include "dataplane/filters/cors/cors.h"
#include "dataplane/filters/cors/allowed_names.h"
#include "fake_passage.h"

namespace ropewalk::filters {
namespace {

using pipeline::Step;
using testing::FakePassage;
using testing::make;

constexpr std::string_view kVary =
    "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n";

struct Actual {
  std::string_view settings;
  std::string_view method;
  std::string_view origin;
  std::string_view fields;  // besides Vary
};

TEST(Cors, TellsOnAnswersWhoMayReadThem) {
  const Actual cases[] = {
      {"{}", "GET", "https://a.example", "Access-Control-Allow-Origin: *\r\n"},
      {"{}", "PUT", "https://a.example", ""},
      {"{}", "GET", "", ""},
      {R"({"allow_origins":["https://A.example"]})", "GET", "https://a.EXAMPLE",
       "Access-Control-Allow-Origin: https://a.EXAMPLE\r\n"},
      {R"({"allow_origins":["https://a.example"]})", "GET", "https://a.example.evil.test", ""},
      {R"({"allow_origins":["https://a.example"]})", "GET", "null", ""},
      {R"({"allow_origins":["https://*.a.example"]})", "GET", "https://a.example", ""},
      {R"({"allow_origins":["https://*.a.example"]})", "GET", "https://b.c.a.example",
       "Access-Control-Allow-Origin: https://b.c.a.example\r\n"},
      {R"({"allow_origins":["aba*ba"]})", "GET", "ababa", "Access-Control-Allow-Origin: ababa\r\n"},
      {R"({"allow_origins":["aba*aba"]})", "GET", "ababa", ""},
      {R"({"allow_origins":["https://a.example","*"]})", "GET", "x",
       "Access-Control-Allow-Origin: *\r\n"},
      {R"({"allow_methods":["PUT"],"allow_credentials":true,"expose_headers":["x-a","ETAG"]})",
       "PUT", "x",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: X-A, Etag\r\n"
       "Access-Control-Allow-Credentials: true\r\n"},
      {R"({"allow_methods":["put"]})", "PUT", "x", ""},
  };
  for (const Actual& one : cases) {
    FakePassage passage(one.method, "/stock", {{"Origin", one.origin}});
    EXPECT_EQ(make(make_cors, one.settings)->run(passage), Step::next) << one.settings;
    EXPECT_EQ(passage.answer_fields, "Vary: Origin\r\n" + std::string(one.fields))
        << one.settings << ' ' << one.origin;
  }
}

struct Preflight {
  std::string_view settings;
  std::string_view method;
  std::string_view headers;
  std::string_view fields;  // besides Vary
};

TEST(Cors, AnswersPreflightsWithoutTheRouter) {
  const Preflight cases[] = {
      {"{}", "GET", "X-Any, thing",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
       "Access-Control-Allow-Headers: X-Any, thing\r\n"},
      {"{}", "get", "a", ""},
      {"{}", "OPTIONS", "",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: OPTIONS\r\n"},
      {R"({"allow_headers":["X-A"]})", "GET", "x-a",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
       "Access-Control-Allow-Headers: x-a\r\n"},
      {R"({"allow_headers":["X-A"]})", "GET", "X-A", ""},
      {R"({"allow_headers":["X-A","*"]})", "GET", "X-B",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
       "Access-Control-Allow-Headers: X-B\r\n"},
      {R"({"allow_origins":["https://other.example"]})", "GET", "", ""},
      {R"({"max_age":-5})", "GET", "",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
       "Access-Control-Max-Age: 0\r\n"},
      {R"({"max_age":60,"allow_credentials":true})", "GET", "",
       "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
       "Access-Control-Allow-Credentials: true\r\nAccess-Control-Max-Age: 60\r\n"},
  };
  for (const Preflight& one : cases) {
    FakePassage passage("OPTIONS", "/stock",
                        {{"Origin", "https://a.example"},
                         {"Access-Control-Request-Method", one.method},
                         {"Access-Control-Request-Headers", one.headers}});
    EXPECT_EQ(make(make_cors, one.settings)->run(passage), Step::done) << one.settings;
    EXPECT_EQ(passage.status_, 204u);
    EXPECT_EQ(passage.answer_fields, std::string(kVary) + std::string(one.fields)) << one.settings;
  }
}

TEST(Cors, PassesPreflightsThroughAndChoosesTheStatus) {
  FakePassage through("OPTIONS", "/", {{"Origin", "x"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(make(make_cors, R"({"options_passthrough":true})")->run(through), Step::next);
  EXPECT_EQ(through.status_, 0u);
  FakePassage ok("OPTIONS", "/", {{"Origin", "x"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(make(make_cors, R"({"options_success_status":200})")->run(ok), Step::done);
  EXPECT_EQ(ok.status_, 200u);
  FakePassage plain("OPTIONS", "/", {{"Origin", "x"}, {"Access-Control-Request-Method", ""}});
  EXPECT_EQ(make(make_cors, "{}")->run(plain), Step::next);
}

TEST(Cors, PrivateNetworksAreAllowedWhenAskedFor) {
  for (const auto& [wanted, granted] : {std::pair{"true", true}, std::pair{"1", false}}) {
    FakePassage passage("OPTIONS", "/",
                        {{"Origin", "x"},
                         {"Access-Control-Request-Method", "GET"},
                         {"Access-Control-Request-Private-Network", wanted}});
    make(make_cors, R"({"allow_private_network":true})")->run(passage);
    EXPECT_EQ(passage.answer_fields.contains("Access-Control-Allow-Private-Network: true"),
              granted);
    EXPECT_TRUE(passage.answer_fields.contains(", Access-Control-Request-Private-Network\r\n"));
  }
}

TEST(AllowedNames, TakesSortedUniqueLowerCaseNames) {
  const AllowedNames names({"Authorization", "Content-Type", "X-Tenant"});
  const auto accepts = [&](std::string_view line) {
    const std::string_view lines[] = {line};
    return names.accepts(lines);
  };
  for (const std::string_view good :
       {"", "authorization", "authorization,x-tenant", "authorization, x-tenant", ",,x-tenant",
        "\tauthorization ,x-tenant", ",,,,,,,,,,,,,,,x-tenant"})
    EXPECT_TRUE(accepts(good)) << good;
  for (const std::string_view bad :
       {"Authorization", "x-tenant,authorization", "authorization,authorization", "x-other",
        "authorization,  x-tenant", ",,,,,,,,,,,,,,,,,x-tenant", "authorization x-tenant"})
    EXPECT_FALSE(accepts(bad)) << bad;
  const std::string_view two[] = {"authorization", "x-tenant"};
  const std::string_view wrong[] = {"x-tenant", "authorization"};
  EXPECT_TRUE(names.accepts(two));
  EXPECT_FALSE(names.accepts(wrong));
}

}  // namespace
}  // namespace ropewalk::filters
