#include "dataplane/filters/auth/client_credentials.h"

#include "common/jose/base64.h"
#include "ropewalk/config/v1/config.pb.h"
#include "tests/auth/fakes.h"

#include <gtest/gtest.h>

namespace ropewalk::auth {
namespace {

using namespace std::chrono_literals;
using auth_testing::FakeFlow;
using auth_testing::World;
using pipeline::FetchAnswer;
using pipeline::Step;

FetchAnswer json_answer(std::string body, unsigned status = 200) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

TEST(TokenAnswer, WhatIsUsable) {
  const auto of = [](const FetchAnswer& answer) {
    const auto token = parse_token_answer(answer);
    return token ? token->authorization : "error: " + token.error().message;
  };
  EXPECT_EQ(of(json_answer(R"({"access_token":"t","token_type":"bEARER"})")), "Bearer t");
  EXPECT_EQ(of(json_answer(R"({"ACCESS_TOKEN":"t"})", 201)), "Bearer t");
  EXPECT_EQ(of(json_answer(R"({"access_token":"t","token_type":"mac"})")), "MAC t");
  EXPECT_EQ(of(json_answer(R"({"access_token":"t","token_type":"DPoP"})")), "DPoP t");
  EXPECT_EQ(of({200, {{"Content-Type", "text/html"}}, R"({"access_token":"t"})"}), "Bearer t");
  EXPECT_EQ(of({200, {{"content-type", "text/plain; charset=utf-8"}}, "access_token=a%20b"}),
            "Bearer a b");
  for (const FetchAnswer& bad :
       {json_answer(R"({"access_token")"), json_answer(""),
        json_answer(R"({"token_type":"bearer"})"), json_answer(R"({"access_token":""})"),
        json_answer(R"({"access_token":5})"), json_answer(R"({"access_token":"t","error":"odd"})"),
        json_answer(R"({"access_token":"t","expires_in":3600.5})"),
        json_answer(R"({"access_token":"t"})", 500), json_answer(R"({"access_token":"a\r\nX: b"})"),
        FetchAnswer{200, {{"Content-Type", "text/plain"}}, R"({"access_token":"t"})"}})
    EXPECT_EQ(of(bad).substr(0, 15), "error: oauth2: ") << of(bad);
  EXPECT_EQ(of(json_answer(R"({"error":"invalid_client","error_description":"bad"})", 400)),
            R"(error: oauth2: "invalid_client" "bad")");
}

TEST(TokenAnswer, Life) {
  const auto life = [](std::string body) {
    return parse_token_answer(json_answer(std::move(body)))->life;
  };
  EXPECT_EQ(life(R"({"access_token":"t","expires_in":5})"), 5s);
  EXPECT_EQ(life(R"({"access_token":"t","expires_in":"5"})"), 5s);
  EXPECT_EQ(life(R"({"access_token":"t","expires_in":0})"), std::nullopt);
  EXPECT_EQ(life(R"({"access_token":"t"})"), std::nullopt);
}

TEST(Form, AsGoWritesIt) {
  EXPECT_EQ(form_escape("shop gw:1/\xC3\xA9~"), "shop+gw%3A1%2F%C3%A9~");
  EXPECT_EQ(form_encode({{"a", "1 2"}, {"b", ""}}), "a=1+2&b=");
}

struct ClientCredentialsFixture : testing::Test {
  std::shared_ptr<const pipeline::Filter> make(std::string from) {
    text = std::move(from);
    auto made =
        make_client_credentials({.text = text, .id = "b", .service = &service, .states = &states});
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(nullptr);
  }
  World world;
  config::v1::Service service;
  pipeline::StateRegistry states;
  std::string text;
};
using ClientCredentials = ClientCredentialsFixture;

constexpr const char* kPlain =
    R"({"token_url":"http://login.example/token","client_id":"shop gw","client_secret":"p+w","params":[["grant_type","client_credentials"],["scope","read"]]})";

TEST_F(ClientCredentials, OneTokenForAllUntilItExpires) {
  const auto filter = make(kPlain);
  FakeFlow one(world);
  FakeFlow two(world);
  pipeline::add_field(two.request.headers, two.request.arena, "authorization", "Bearer mine");
  EXPECT_EQ(one.request_step(*filter), std::nullopt);
  EXPECT_EQ(two.request_step(*filter), std::nullopt);
  ASSERT_EQ(world.asked.size(), 1u);
  const auto& request = world.asked[0].request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=read");
  EXPECT_EQ(request.headers.back().second, "Basic " + jose::base64("shop+gw:p%2Bw"));
  world.answer(json_answer(R"({"access_token":"tok-1","expires_in":3600})"));
  EXPECT_EQ(one.result, Step::next);
  EXPECT_EQ(one.header("Authorization"), "Bearer tok-1");
  EXPECT_EQ(two.header("Authorization"), "Bearer tok-1");
  EXPECT_EQ(two.request.headers.size(), 1u);
  FakeFlow three(world);
  EXPECT_EQ(three.request_step(*filter), Step::next);
  EXPECT_EQ(three.header("Authorization"), "Bearer tok-1");
}

TEST_F(ClientCredentials, ATokenThatEndsSoonIsFetchedAgain) {
  const auto filter = make(kPlain);
  for (int i = 0; i < 2; ++i) {
    FakeFlow flow(world);
    EXPECT_EQ(flow.request_step(*filter), std::nullopt);
    world.answer(json_answer(R"({"access_token":"t","expires_in":5})"));
    EXPECT_EQ(flow.result, Step::next);
  }
}

TEST_F(ClientCredentials, CredentialsInTheBodyWhenBasicFails) {
  const auto filter = make(kPlain);
  FakeFlow flow(world);
  EXPECT_EQ(flow.request_step(*filter), std::nullopt);
  world.answer(json_answer(R"({"error":"invalid_client"})", 401));
  ASSERT_EQ(world.asked.size(), 1u);
  EXPECT_EQ(world.asked[0].request.body,
            "client_id=shop+gw&client_secret=p%2Bw&grant_type=client_credentials&scope=read");
  EXPECT_EQ(world.asked[0].request.headers.size(), 3u);
  world.answer(json_answer(R"({"access_token":"t","expires_in":5})"));
  EXPECT_EQ(flow.result, Step::next);
  // What worked is asked at once the next time, and nothing else.
  FakeFlow next(world);
  EXPECT_EQ(next.request_step(*filter), std::nullopt);
  EXPECT_EQ(world.asked[0].request.body.substr(0, 9), "client_id");
  world.answer(json_answer("{}", 500));
  EXPECT_TRUE(world.asked.empty());
  EXPECT_EQ(next.result, Step::fail);
}

pipeline::FetchAnswer redirect(unsigned status, std::string location) {
  return {.status = status, .headers = {{"location", std::move(location)}}, .body = {}};
}

TEST_F(ClientCredentials, RedirectsAtTheSamePlaceAreFollowed) {
  const auto filter = make(kPlain);
  FakeFlow flow(world);
  EXPECT_EQ(flow.request_step(*filter), std::nullopt);
  world.answer(redirect(307, "v2/token"));
  ASSERT_EQ(world.asked.size(), 1u);
  EXPECT_EQ(world.asked[0].request.url, "http://login.example/v2/token");
  EXPECT_EQ(world.asked[0].request.method, "POST");
  EXPECT_EQ(world.asked[0].request.body, "grant_type=client_credentials&scope=read");
  world.answer(redirect(302, "http://login.example/last"));
  ASSERT_EQ(world.asked.size(), 1u);
  EXPECT_EQ(world.asked[0].request.method, "GET");
  EXPECT_EQ(world.asked[0].request.body, "");
  EXPECT_EQ(world.asked[0].request.headers.back().second, "http://login.example/v2/token");
  world.answer(json_answer(R"({"access_token":"t"})"));
  EXPECT_EQ(flow.result, Step::next);
}

TEST_F(ClientCredentials, RedirectsElsewhereAreAFailure) {
  for (const char* place : {"http://other.example/token", "https://login.example/token",
                            "http://login.example:81/token", "//other.example/", "ftp://x/"}) {
    const auto filter = make(kPlain);
    FakeFlow flow(world);
    EXPECT_EQ(flow.request_step(*filter), std::nullopt);
    world.answer(redirect(308, place));
    world.answer(redirect(308, place));
    EXPECT_TRUE(world.asked.empty()) << place;
    EXPECT_EQ(flow.result, Step::fail);
  }
}

TEST_F(ClientCredentials, RedirectsInACircleEnd) {
  const auto filter = make(kPlain);
  FakeFlow flow(world);
  EXPECT_EQ(flow.request_step(*filter), std::nullopt);
  int answers = 0;
  for (; answers < 100 && !world.asked.empty(); ++answers) world.answer(redirect(302, "/token"));
  EXPECT_EQ(answers, 20) << "ten for each style";
  EXPECT_EQ(flow.error.message, "oauth2: stopped after 10 redirects");
}

TEST_F(ClientCredentials, AFailureIsAnErrorWithoutCredentials) {
  const auto filter = make(kPlain);
  FakeFlow flow(world);
  EXPECT_EQ(flow.request_step(*filter), std::nullopt);
  world.answer(fail(Kind::connect, "refused"));
  world.answer(json_answer("down", 500));
  EXPECT_EQ(flow.result, Step::fail);
  EXPECT_EQ(flow.error.message, "oauth2: cannot fetch token: status 500");
  FakeFlow again(world);
  EXPECT_EQ(again.request_step(*filter), std::nullopt);
  EXPECT_EQ(world.asked.size(), 1u);
}

TEST_F(ClientCredentials, AProblemOfTheSettingsFailsEveryCall) {
  const auto filter = make(R"({"token_url":"","params":[],"problem":"no token_url"})");
  FakeFlow flow(world);
  EXPECT_EQ(flow.request_step(*filter), std::nullopt);
  world.run();
  EXPECT_EQ(flow.result, Step::fail);
  EXPECT_EQ(flow.error.message, "oauth2: no token_url");
}

}  // namespace
}  // namespace ropewalk::auth
