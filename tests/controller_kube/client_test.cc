#include "controller/kube/client.h"

#include "tests/controller_kube/fake_api.h"
#include "tests/controller_kube/folder_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::controller::kube {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ClientTest : public FolderFixture {
 protected:
  FakeApi& serve(FakeApi::Handler handler, bool wants_client_certificate = false) {
    api = std::make_unique<FakeApi>(std::move(handler), wants_client_certificate);
    config.origin = "test credentials";
    config.host = config.server_name = "127.0.0.1";
    config.port = api->port();
    config.ca_pem = api->ca_pem();
    return *api;
  }
  void connect() {
    auto made = Client::create(context, config, deadlines);
    ASSERT_TRUE(made) << made.error().message;
    client = std::move(*made);
  }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> out;
    asio::co_spawn(context.get_executor(), std::move(task),
                   [&](const std::exception_ptr& failed, T value) {
                     EXPECT_FALSE(failed);
                     out.emplace(std::move(value));
                   });
    context.restart();
    while (!out && context.run_one_for(20s) > 0) {
    }
    EXPECT_TRUE(out) << "no outcome";
    return std::move(*out);
  }
  Result<Response> call(Request request) { return run(client->call(std::move(request))); }
  std::shared_ptr<WatchStream> watch() {
    auto stream = run(client->watch({.target = "/watch"}));
    EXPECT_TRUE(stream) << stream.error().message;
    return stream ? *stream : nullptr;
  }

  asio::io_context context;
  ClusterConfig config;
  Client::Deadlines deadlines;
  std::unique_ptr<FakeApi> api;
  std::unique_ptr<Client> client;
};

FakeAnswer hello(const FakeRequest&) { return {.body = "hello"}; }

TEST_F(ClientTest, RequestsCarryWhatTheServerNeedsAndReuseTheConnection) {
  serve(hello);
  config.token = "t0";
  config.base_path = "/base";
  connect();
  const auto get = call({.target = "/api?x=1", .accept = "application/special"});
  ASSERT_TRUE(get) << get.error().message;
  EXPECT_EQ(get->status, 200);
  EXPECT_EQ(get->body, "hello");
  const auto patch = call(
      {.method = "PATCH", .target = "/p", .body = "{}", .content_type = "application/merge-patch"});
  ASSERT_TRUE(patch);
  const auto seen = api->requests();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].target, "/base/api?x=1");
  EXPECT_EQ(seen[0].authorization, "Bearer t0");
  EXPECT_EQ(seen[0].accept, "application/special");
  EXPECT_EQ(seen[0].host, "127.0.0.1:" + api->port());
  EXPECT_THAT(seen[0].user_agent, HasSubstr("ropewalk-controller/"));
  EXPECT_EQ(seen[1].method, "PATCH");
  EXPECT_EQ(seen[1].body, "{}");
  EXPECT_EQ(seen[1].content_type, "application/merge-patch");
  EXPECT_EQ(seen[1].connection, 1);
}

TEST_F(ClientTest, StatusIsNoError) {
  serve([](const FakeRequest&) {
    return FakeAnswer{.status = 429, .body = "later", .headers = "Retry-After: 7\r\n"};
  });
  connect();
  const auto answer = call({.target = "/"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->retry_after, "7");
  EXPECT_EQ(answer->body, "later");
}

TEST_F(ClientTest, AKeptConnectionThatDiedIsReplacedForReadsOnly) {
  serve([](const FakeRequest&) { return FakeAnswer{.body = "x", .close = true}; });
  connect();
  ASSERT_TRUE(call({.target = "/1"}));
  const auto again = call({.target = "/2"});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(api->requests().back().connection, 2);
  const auto write = call({.method = "POST", .target = "/3", .body = "{}", .content_type = "x"});
  ASSERT_FALSE(write);
  EXPECT_EQ(write.error().kind, Kind::reset);
}

TEST_F(ClientTest, TheServerIsVerified) {
  serve(hello);
  const std::string right_ca = config.ca_pem;
  config.ca_pem = fakes::make_ca("another").certificate_pem;
  connect();
  const auto untrusted = call({.target = "/"});
  ASSERT_FALSE(untrusted);
  EXPECT_EQ(untrusted.error().kind, Kind::tls);
  EXPECT_THAT(untrusted.error().message, HasSubstr("is not trusted"));
  EXPECT_THAT(untrusted.error().message, HasSubstr("test credentials"));
  config.ca_pem = right_ca;
  config.server_name = "elsewhere";
  connect();
  const auto misnamed = call({.target = "/"});
  ASSERT_FALSE(misnamed);
  EXPECT_EQ(misnamed.error().kind, Kind::tls);
  config.server_name = "kubernetes";
  connect();
  EXPECT_TRUE(call({.target = "/"}));
  config.server_name = "elsewhere";
  config.insecure_skip_verify = true;
  connect();
  EXPECT_TRUE(call({.target = "/"}));
  EXPECT_EQ(api->requests().size(), 2u) << "nothing was sent to an unverified server";
}

TEST_F(ClientTest, ACaFileThatChangedIsReadAgainAfterAFailure) {
  serve(hello);
  config.ca_file = write("ca.crt", config.ca_pem);
  config.ca_pem = fakes::make_ca("old").certificate_pem;
  connect();
  EXPECT_FALSE(call({.target = "/"}));
  const auto second = call({.target = "/"});
  EXPECT_TRUE(second) << second.error().message;
}

TEST_F(ClientTest, ClientCertificates) {
  serve(hello, true);
  connect();
  EXPECT_FALSE(call({.target = "/"}));
  const fakes::Pair pair = fakes::issue(api->ca(), {.common_name = "admin"});
  config.client_certificate_pem = pair.certificate_pem;
  config.client_key_pem = pair.private_key_pem;
  connect();
  const auto answer = call({.target = "/"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(api->requests().back().client_name, "admin");
}

TEST_F(ClientTest, UnusableCredentialsAreOneLine) {
  serve(hello);
  const auto create = [&] { return Client::create(context, config).error().message; };
  ClusterConfig good = config;
  config.ca_pem = "no certificate";
  EXPECT_THAT(create(), HasSubstr("test credentials: the CA is no PEM certificate"));
  config = good;
  config.client_certificate_pem = "x";
  EXPECT_THAT(create(), HasSubstr("the client certificate is not usable"));
  config = good;
  config.client_certificate_pem = fakes::make_ca("a").certificate_pem;
  config.client_key_pem = fakes::make_ca("b").private_key_pem;
  EXPECT_THAT(create(), HasSubstr("the client key does not fit"));
}

TEST_F(ClientTest, TheTokenFileIsReadAgainOnRefresh) {
  serve(hello);
  config.token_file = write("token", "one\n");
  connect();
  call({.target = "/"});
  write("token", "two\n");
  call({.target = "/"});
  client->refresh_credentials();
  call({.target = "/"});
  remove("token");
  client->refresh_credentials();
  call({.target = "/"});
  std::vector<std::string> tokens;
  for (const FakeRequest& request : api->requests()) tokens.push_back(request.authorization);
  EXPECT_THAT(tokens, testing::ElementsAre("Bearer one", "Bearer one", "Bearer two", "Bearer two"));
}

TEST_F(ClientTest, NobodyListens) {
  serve(hello);
  api->stop();
  connect();
  const auto answer = call({.target = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::connect);
  EXPECT_THAT(answer.error().message, HasSubstr("127.0.0.1:" + api->port()));
}

TEST_F(ClientTest, PeersThatSayNothingCostADeadline) {
  serve([](const FakeRequest&) { return FakeAnswer{.never = true}; });
  deadlines.header = 50ms;
  connect();
  const auto answer = call({.target = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::timeout);
  // One that accepts and does not even begin TLS.
  asio::ip::tcp::acceptor mute(context, {asio::ip::make_address("127.0.0.1"), 0});
  config.port = std::to_string(mute.local_endpoint().port());
  deadlines.connect = 50ms;
  connect();
  const auto handshake = call({.target = "/"});
  ASSERT_FALSE(handshake);
  EXPECT_EQ(handshake.error().kind, Kind::timeout);
}

TEST_F(ClientTest, WatchLinesAreIndependentOfChunks) {
  auto stream = std::make_shared<FakeStream>();
  serve([&](const FakeRequest&) { return FakeAnswer{.stream = stream}; });
  connect();
  const auto lines = watch();
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->status(), 200);
  stream->push("{\"a\":");
  stream->push("1}\n{\"b\":2}\n\n{\"c\"");
  stream->push(":3}\n" + std::string(100'000, 'x'));
  stream->push(std::string(100'000, 'y') + "\n");
  EXPECT_EQ(*run(lines->line()), "{\"a\":1}");
  EXPECT_EQ(*run(lines->line()), "{\"b\":2}");
  EXPECT_EQ(*run(lines->line()), "{\"c\":3}");
  const auto big = run(lines->line());
  ASSERT_TRUE(big && *big);
  EXPECT_EQ((*big)->size(), 200'000u);
  stream->end();
  const auto end = run(lines->line());
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_FALSE(*end);
}

TEST_F(ClientTest, WaysAWatchEnds) {
  std::shared_ptr<FakeStream> stream;
  serve([&](const FakeRequest&) {
    stream = std::make_shared<FakeStream>();
    return FakeAnswer{.stream = stream};
  });
  deadlines.silence = 50ms;
  connect();
  auto lines = watch();
  const auto silence = run(lines->line());
  ASSERT_FALSE(silence);
  EXPECT_EQ(silence.error().kind, Kind::timeout);
  deadlines.silence = 20s;
  connect();
  lines = watch();
  stream->cut();
  const auto cut = run(lines->line());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, Kind::reset);
  lines = watch();
  asio::post(context, [&] { lines->cancel(); });
  const auto cancelled = run(lines->line());
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().kind, Kind::cancelled);
}

TEST_F(ClientTest, ARefusedWatchHasItsBody) {
  serve([](const FakeRequest&) {
    return FakeAnswer{.status = 422, .body = "{\"reason\": \"Invalid\"}"};
  });
  connect();
  const auto stream = watch();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->status(), 422);
  EXPECT_EQ(stream->refusal().body, "{\"reason\": \"Invalid\"}");
}

}  // namespace
}  // namespace ropewalk::controller::kube
