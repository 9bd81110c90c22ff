#include "dataplane/filters/auth/signer.h"

#include "common/jose/jwk.h"
#include "ropewalk/config/v1/config.pb.h"
#include "tests/auth/fakes.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using auth_testing::FakeFlow;
using auth_testing::World;
using pipeline::Step;

constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"oct","kid":"hs","k":"cmVjb3JkZWQtdGVzdC1zZWNyZXQtb2YtMzItYnl0ZXM"}]})";
constexpr std::string_view kToken =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhbmEifQ."
    "u8wM3svFFvEhgzYIjnuKnTfP2YsOibXCMmXIo7ZTzOI";

struct SignerFixture : testing::Test {
  std::shared_ptr<const pipeline::Filter> make(std::string_view source) {
    auto from = *json::parse(source);
    for (const auto& [name, value] : {std::pair{"alg", "HS256"}, {"kid", "hs"}, {"typ", "JWT"}})
      if (!from.find(name)) from.set(name, value);
    from.set("sign", *json::parse(R"(["access_token","refresh_token"])"));
    text = json::to_string(from);
    auto made =
        make_signer({.text = text, .id = "endpoint/x", .service = &service, .states = &states});
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(nullptr);
  }
  std::string local() {
    json::Value out = json::Value::object();
    out.set("keys", kKeys);
    return json::to_string(out);
  }

  World world;
  config::v1::Service service;
  pipeline::StateRegistry states;
  std::string text;
};
using Signer = SignerFixture;

TEST_F(Signer, ObjectsBecomeTokens) {
  const auto filter = make(local());
  FakeFlow flow(world);
  ASSERT_EQ(flow.request_step(*filter), Step::next);
  flow.response.complete = true;
  flow.response.data =
      *json::parse(R"({"access_token":{"sub":"ana"},"refresh_token":"text","user":"x"})");
  EXPECT_EQ(filter->on_response(flow), Step::next);
  EXPECT_EQ(json::to_string(flow.response.data), R"({"access_token":")" + std::string(kToken) +
                                                     R"(","refresh_token":"text","user":"x"})");
}

TEST_F(Signer, ClaimsAreSortedAndKeepTheirNumbers) {
  const auto key = jose::parse_key_set(kKeys);
  json::Value data = *json::parse(R"({"t":{"b":1e3,"a":9007199254740993}})");
  ASSERT_TRUE(
      sign_members({.algorithm = jose::Algorithm::hs256, .kid = "hs", .typ = "JWT", .names = {"t"}},
                   *key->front(), data));
  EXPECT_NE(data.find("t")->string().find(".eyJhIjo5MDA3MTk5MjU0NzQwOTkzLCJiIjoxZTN9."),
            std::string::npos)
      << data.find("t")->string();
}

TEST_F(Signer, TheKeyOfAServerIsFetchedOnce) {
  const auto filter = make(R"({"urls":["https://login.example/keys"]})");
  FakeFlow first(world);
  EXPECT_EQ(first.request_step(*filter), std::nullopt);
  world.answer_json(std::string(kKeys));
  EXPECT_EQ(first.result, Step::next);
  FakeFlow second(world);
  EXPECT_EQ(second.request_step(*filter), Step::next);
  EXPECT_TRUE(world.asked.empty());
}

TEST_F(Signer, WithoutAUsableKeyNothingIsAsked) {
  const auto filter = make(R"({"urls":["https://login.example/keys"]})");
  FakeFlow flow(world);
  EXPECT_EQ(flow.request_step(*filter), std::nullopt);
  world.answer_json(R"({"keys":[]})");
  EXPECT_EQ(flow.result, Step::fail);
  EXPECT_EQ(flow.error.status, 401u);
  const auto confused = make(R"({"alg":"RS256","urls":["https://other.example/keys"]})");
  FakeFlow other(world);
  EXPECT_EQ(other.request_step(*confused), std::nullopt);
  world.answer_json(std::string(kKeys));
  EXPECT_EQ(other.error.status, 401u);
}

TEST_F(Signer, FailuresBehindItAreABare400) {
  const auto filter = make(local());
  FakeFlow flow(world);
  ASSERT_EQ(flow.request_step(*filter), Step::next);
  flow.error = Error{.kind = Kind::timeout, .message = "context deadline exceeded"};
  filter->on_error(flow);
  EXPECT_EQ(flow.error.status, 400u);
  EXPECT_EQ(flow.error.message, "");
  FakeFlow part(world);
  ASSERT_EQ(part.request_step(*filter), Step::next);
  part.response.data = *json::parse(R"({"access_token":{"sub":"ana"}})");
  EXPECT_EQ(filter->on_response(part), Step::fail);
  FakeFlow empty(world);
  ASSERT_EQ(empty.request_step(*filter), Step::next);
  empty.response.data = json::Value::object();
  EXPECT_EQ(filter->on_response(empty), Step::next);
  EXPECT_EQ(empty.response.body, "{}");
  FakeFlow raw(world);
  ASSERT_EQ(raw.request_step(*filter), Step::next);
  raw.response.raw = true;
  EXPECT_EQ(filter->on_response(raw), Step::fail);
  EXPECT_EQ(raw.error.status, 400u);
}

TEST(EraseLine, ByNameInAnyCase) {
  std::string fields =
      "X-Krakend: 1\r\nContent-Type: a\r\nx-krakend: 2\r\nX-Krakend-Completed: true\r\n";
  erase_line(fields, "X-Krakend");
  EXPECT_EQ(fields, "Content-Type: a\r\nX-Krakend-Completed: true\r\n");
}

}  // namespace
}  // namespace ropewalk::auth
