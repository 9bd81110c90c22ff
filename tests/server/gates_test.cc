// No request reaches its endpoint past a gate.
#include "tests/server/fixture.h"

#include <atomic>
#include <memory>
#include <thread>

namespace ropewalk::server {
namespace {

// The service's gate waits for the body, which the endpoint would let stream.
TEST_F(GatewayTest, AGateBehindOneThatReadsTheBodyIsAskedWhereTheBodyWouldStream) {
  Backend backend([](const std::string&) { return json_answer("{}"); });
  ASSERT_TRUE(gateway_.replace(load(R"json({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "extra_config": {
      "modifier/lua-endpoint": {"pre": "local c = ctx.load(); c:body(c:body() .. '!')"}
    },
    "endpoints": [
      {
        "endpoint": "/closed", "method": "POST", "output_encoding": "no-op",
        "backend": [{"url_pattern": "/closed"}],
        "extra_config": {"auth/basic": {"users": {
          "ana": "$2y$10$abcdefghijklmnopqrstuuO3Y8yE2pVt0QmJ4m1b9mX7Vw6K5z8dS"}}}
      },
      {
        "endpoint": "/open", "method": "POST", "output_encoding": "no-op",
        "backend": [{"url_pattern": "/open"}]
      }
    ]
  })json",
                                    {backend.port()})));
  const std::string head = " HTTP/1.1\r\nHost: test\r\n";
  const std::pair<std::string, std::string> bodies[] = {
      {"Content-Length: 4\r\n\r\n", "body"},
      {"Transfer-Encoding: chunked\r\n\r\n", "4\r\nbody\r\n0\r\n\r\n"}};
  for (const auto& [framing, body] : bodies) {
    Client client(port());
    client.send("POST /closed" + head + framing);
    client.send(body);
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 401")) << framing;
  }
  EXPECT_EQ(backend.requests(), 0);
  Client client(port());
  client.send("POST /open" + head + "Content-Length: 4\r\n\r\nbody");
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(backend.requests(), 1);
}

TEST_F(GatewayTest, AClientCannotTakeAwayWhatAGateAdds) {
  Backend backend([](const std::string& head) {
    return json_answer(head.find("\r\nX-Role: user\r\n") != std::string::npos ? R"({"role":"user"})"
                                                                              : R"({"role":null})");
  });
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "extra_config": {"auth/api-keys": {"keys": [{"key": "k", "roles": ["user"]}],
                                       "propagate_role": "X-Role"}},
    "endpoints": [{"endpoint": "/mine", "input_headers": ["X-Role"],
                   "backend": [{"url_pattern": "/"}],
                   "extra_config": {"auth/api-keys": {"roles": ["user"]}}}]
  })",
                                    {backend.port()})));
  for (const std::string connection : {"keep-alive", "keep-alive, X-Role", "x-role"}) {
    Client client(port());
    client.send("GET /mine HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer k\r\nConnection: " +
                connection + "\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr(R"({"role":"user"})")) << connection;
  }
}

TEST_F(GatewayTest, WhatAGateAnswersCountsForItsEndpoint) {
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "extra_config": {"auth/api-keys": {"keys": [{"key": "k", "roles": ["user"]}]}},
    "endpoints": [{"endpoint": "/mine",
                   "backend": [{"host": ["http://127.0.0.1:10"], "url_pattern": "/"}],
                   "extra_config": {"auth/api-keys": {"roles": ["user"]}}}]
  })",
                                    {})));
  EXPECT_THAT(get(port(), "/mine"), StartsWith("HTTP/1.1 401"));
  EXPECT_EQ(gateway_.collect().endpoints().at("GET /mine").status_class[4], 1u);
}

// A check of a password runs on a thread of its own, which may end after the request.
TEST_F(GatewayTest, MayEndWhileAPasswordIsChecked) {
  for (int i = 0; i < 5; ++i) {
    Gateway gateway(options());
    ASSERT_TRUE(gateway.listen({{"127.0.0.1", 0, false}}));
    ASSERT_TRUE(gateway.replace(load(R"({"version": 3, "endpoints": [
      {"endpoint": "/", "backend": [{"host": ["http://127.0.0.1:10"], "url_pattern": "/"}],
       "extra_config": {"auth/basic": {"users": {
         "ana": "$2y$10$abcdefghijklmnopqrstuuO3Y8yE2pVt0QmJ4m1b9mX7Vw6K5z8dS"}}}}]})",
                                     {})));
    std::vector<std::unique_ptr<Client>> clients;
    for (int k = 0; k < 4; ++k) {
      clients.push_back(std::make_unique<Client>(gateway.listeners().front().port));
      clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YW5hOng=\r\n\r\n");
    }
    EXPECT_THAT(clients.front()->read_answer(), StartsWith("HTTP/1.1 401"));
  }
}

const char* const kWaits = R"json({
  "version": 3,
  "host": ["http://127.0.0.1:PORT1"],
  "endpoints": [
    {"endpoint": "/backend", "output_encoding": "no-op",
     "backend": [{"url_pattern": "/b", "encoding": "no-op", "extra_config": {
       "modifier/lua-backend": {"allow_open_libs": true, "post": "SCRIPT"}}}]},
    {"endpoint": "/proxy", "output_encoding": "no-op",
     "backend": [{"url_pattern": "/p", "encoding": "no-op"}],
     "extra_config": {"modifier/lua-proxy": {"allow_open_libs": true, "post": "SCRIPT"}}}
  ]
})json";

ResourceMap scripted(const std::string& script, std::uint16_t port) {
  std::string document = kWaits;
  for (std::size_t at; (at = document.find("SCRIPT")) != std::string::npos;)
    document.replace(at, 6, script);
  return load(document, {port});
}

// The script waits for a call of its own while the answer would pass it by.
TEST_F(GatewayTest, AScriptMayMakeACallBehindAnAnswerThatIsPassedOn) {
  std::atomic<int> audits = 0;
  Backend backend([&audits](const std::string& request) {
    if (request.starts_with("GET /audit")) {
      std::this_thread::sleep_for(50ms);
      ++audits;
      return std::string("HTTP/1.1 200 OK\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\n{}");
    }
    return json_answer("{\"a\":1}");
  });
  const std::string port_of_backend = std::to_string(backend.port());
  ASSERT_TRUE(
      gateway_.replace(scripted("local r = http_response.new('http://127.0.0.1:" + port_of_backend +
                                    "/audit') response.load():headers('X-A', r:headers('X-Id'))",
                                backend.port())));
  for (const std::string path : {"/backend", "/proxy"})
    EXPECT_THAT(get(port(), path),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("X-A: 7\r\n"), EndsWith("{\"a\":1}")))
        << path;
  // Where nothing tells that it will wait, the request fails and the connection goes on.
  ASSERT_TRUE(gateway_.replace(scripted(
      "local r = _G['http_' .. 'response'].new('http://127.0.0.1:" + port_of_backend + "/audit')",
      backend.port())));
  Client client(port());
  audits = 0;
  int calls = 0;
  for (const std::string path : {"/backend", "/proxy", "/backend", "/proxy"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 500")) << path;
    // The script's call ends behind the answer.
    ++calls;
    for (int i = 0; audits < calls && i < 10'000; ++i) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(audits, calls) << path;
  }
}

TEST_F(GatewayTest, TheEchoPageShowsWhatTheScriptOfTheServiceLeft) {
  ASSERT_TRUE(gateway_.replace(load(R"json({"version": 3, "echo_endpoint": true, "extra_config": {
        "modifier/lua-endpoint": {"pre": "ctx.load():headers('X-Service', '1')"}}})json",
                                    {})));
  EXPECT_THAT(get(port(), "/__echo/x"), HasSubstr(R"("X-Service":["1"])"));
}

}  // namespace
}  // namespace ropewalk::server
