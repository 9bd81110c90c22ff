// Several requests of one connection, as their bytes come.
#include "tests/server/fixture.h"

#include <chrono>
#include <random>
#include <thread>

#include <unistd.h>

namespace ropewalk::server {
namespace {

// Answers with the request's body.
std::string echo_body(const std::string& request) {
  const std::size_t body = request.find("\r\n\r\n") + 4;
  return json_answer("{\"body\":\"" + request.substr(body) + "\"}");
}

TEST_F(GatewayTest, ServesPipelinedRequestsInOrder) {
  Backend backend(echo);
  ResourceMap all;
  add_hosts(all, "echo", {backend.port()});
  add_endpoint(all, "/p/{id}", {{"echo", "/b/{id}", ""}});
  ASSERT_TRUE(gateway_.replace(all));
  Client client(port());
  std::string burst;
  for (int i = 0; i < 50; ++i)
    burst += "GET /p/" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n";
  client.send(burst);
  for (int i = 0; i < 50; ++i)
    EXPECT_THAT(client.read_answer(), HasSubstr("GET /b/" + std::to_string(i) + " HTTP/1.1"));
}

// The next request arrives while the read that saw the last one's end is still under way.
TEST_F(GatewayTest, EachRequestOfAConnectionIsItsOwn) {
  Backend backend(echo);
  ResourceMap all;
  add_hosts(all, "echo", {backend.port()});
  add_endpoint(all, "/p/{id}", {{"echo", "/b/{id}", ""}});
  add_endpoint(all, "/other", {{"echo", "/o", ""}});
  ASSERT_TRUE(gateway_.replace(all));
  Client client(port());
  for (int i = 0; i < 40; ++i) {
    const std::string id(static_cast<std::size_t>(1 + (i * 7) % 50), 'x');
    client.send("GET /p/" + id + " HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr("GET /b/" + id + " HTTP/1.1"));
    client.send("GET /other HTTP/1.1\r\nHost: test\r\nX-Pad: " + id + "\r\n\r\n");
    EXPECT_THAT(client.read_answer(), HasSubstr("GET /o HTTP/1.1"));
  }
}

TEST_F(GatewayTest, ABodyMayComeAfterAReadThatBeganBeforeIt) {
  Backend backend(echo_body);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/gathered", "method": "POST", "backend": [{"url_pattern": "/g"}]},
      {"endpoint": "/streamed", "method": "POST", "output_encoding": "no-op",
       "backend": [{"url_pattern": "/s"}]}
    ]
  })",
                                    {backend.port()})));
  for (const std::string path : {"/gathered", "/streamed"}) {
    Client client(port());
    // The answer to the first request starts a read before the second one's body is there.
    for (const std::string body : {"0123456789", "abcdefghij"}) {
      client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nPOST " + path +
                  " HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
      EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 404")) << path;
      client.send(body);
      EXPECT_THAT(client.read_answer(), HasSubstr("{\"body\":\"" + body + "\"}")) << path;
    }
  }
}

// An answer without what is its own: the date and the request id.
std::string comparable(std::string answer) {
  for (const std::string name : {"\r\nDate: ", "\r\nX-Request-Id: "})
    if (const auto at = answer.find(name); at != std::string::npos)
      answer.erase(at, answer.find("\r\n", at + 2) - at);
  return answer;
}

TEST_F(GatewayTest, AnswersDoNotDependOnHowTheBytesCome) {
  Backend backend(echo_body);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/get", "backend": [{"url_pattern": "/g"}]},
      {"endpoint": "/gathered", "method": "POST", "backend": [{"url_pattern": "/g"}]},
      {"endpoint": "/streamed", "method": "POST", "output_encoding": "no-op",
       "backend": [{"url_pattern": "/s"}]},
      {"endpoint": "/closed", "method": "POST", "backend": [{"url_pattern": "/c"}],
       "extra_config": {"auth/basic": {"users": {
         "ana": "$2y$10$abcdefghijklmnopqrstuuO3Y8yE2pVt0QmJ4m1b9mX7Vw6K5z8dS"}}}}
    ]
  })",
                                    {backend.port()})));
  const std::string head = " HTTP/1.1\r\nHost: a\r\n";
  const std::string chunks =
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: 1\r\n\r\n";
  const std::vector<std::string> requests = {
      "GET /get" + head + "\r\n",
      "\r\nGET /get" + head + "X-Long: " + std::string(3000, 'x') + "\r\n\r\n",
      "GET /nothing" + head + "\r\n",
      "POST /gathered" + head + "Content-Length: 10\r\n\r\n0123456789",
      "POST /gathered" + head + chunks,
      "POST /gathered" + head + "Content-Length: 40000\r\n\r\n" + std::string(40000, 'b'),
      "POST /streamed" + head + "Content-Length: 3\r\n\r\nabc",
      "POST /streamed" + head + "Content-Length: 40000\r\n\r\n" + std::string(40000, 's'),
      "POST /nothing" + head + "Content-Length: 5\r\n\r\nlost!",
      "POST /nothing" + head + chunks,
      "POST /closed" + head + "Content-Length: 6\r\n\r\nsecret",
  };
  std::vector<std::string> answers;
  for (const std::string& request : requests) {
    Client alone(port());
    alone.send(request);
    answers.push_back(comparable(alone.read_answer()));
    ASSERT_THAT(answers.back(), StartsWith("HTTP/1.1 ")) << request.substr(0, 60);
  }
  std::mt19937 random(20261122);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  for (int round = 0; round < 100; ++round) {
    std::vector<std::size_t> chosen(1 + below(8));
    std::string bytes;
    for (std::size_t& one : chosen) bytes += requests[one = below(requests.size())];
    Client client(port());
    std::thread sender([&] {
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = 1 + below(below(4) == 0 ? 20'000 : 120);
        client.send(bytes.substr(at, size));
        at += size;
        if (below(3) == 0) std::this_thread::sleep_for(std::chrono::microseconds(below(400)));
      }
    });
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      std::string answer = client.read_answer();
      // A request that is answered before its body has come ends the connection.
      const std::string close = "Connection: close\r\n";
      const auto closing = answer.find(close);
      if (closing != std::string::npos) answer.erase(closing, close.size());
      EXPECT_EQ(comparable(answer), answers[chosen[i]])
          << "round " << round << ", request " << i << ": " << requests[chosen[i]].substr(0, 60);
      if (closing != std::string::npos) break;
    }
    sender.join();
    if (HasFailure()) break;
  }
}

TEST_F(GatewayTest, AConnectionThatIsSilentAfterAnAnswerOfTheGatewaysOwnEnds) {
  ASSERT_TRUE(gateway_.replace(load(R"({"version": 3, "idle_timeout": "50ms"})", {})));
  Client client(port());
  client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 404"));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(client.read_some(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

// read_timeout is for the request; what comes after it has the time of write_timeout.
TEST_F(GatewayTest, AReadTimeoutDoesNotCutTheAnswer) {
  Backend slow([](const std::string& request) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return echo_body(request);
  });
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "read_timeout": "100ms", "write_timeout": "10s", "timeout": "5s",
    "endpoints": [{"endpoint": "/slow", "method": "POST", "backend": [{"url_pattern": "/s"}]}]
  })",
                                    {slow.port()})));
  Client client(port());
  client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_THAT(client.read_answer(), HasSubstr("{\"body\":\"ab\"}"));
}

// The answer to the last request of a connection ends the connection, in the midst of the call.
TEST_F(GatewayTest, AnErrorInPlaceOfAStreamReachesAClientThatAsksForNoMore) {
  Backend turning([](const std::string&) {
    return std::string("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
  });
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [{"endpoint": "/turn", "output_encoding": "no-op",
                   "backend": [{"url_pattern": "/turn"}]}]
  })",
                                    {turning.port()})));
  Client client(port());
  client.send("GET /turn HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 500"));
}

TEST_F(GatewayTest, FieldsOfAnAnswerStayWithIt) {
  Backend telling([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nX-Secret: 1\r\nContent-Length: 2\r\n\r\n{}");
  });
  std::uint16_t nobody = 0;
  ::close(testing::listen_on_loopback(nobody));
  const std::string breaker =
      R"("extra_config": {"qos/circuit-breaker": {"interval": 60, "timeout": 10, "max_errors": 99}})";
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "endpoints": [
      {"endpoint": "/stream", "output_encoding": "no-op",
       "backend": [{"host": ["http://127.0.0.1:PORT1"], "url_pattern": "/s", )" +
                                        breaker + R"(}]},
      {"endpoint": "/fixed", "extra_config": {"proxy": {"static": {"strategy": "always", "data": {"s": 1}}}},
       "backend": [{"host": ["http://127.0.0.1:PORT2"], "url_pattern": "/f", )" +
                                        breaker + R"(}]}
    ]
  })",
                                    {telling.port(), nobody})));
  Client client(port());
  client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("X-Secret: 1"));
  client.send("GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.read_answer(),
              ::testing::AllOf(HasSubstr("{\"s\":1}"), Not(HasSubstr("Secret"))));
}

}  // namespace
}  // namespace ropewalk::server
