// max_payload, and the endpoint of everything that has no route.
#include "tests/server/fixture.h"

#include <future>

namespace ropewalk::server {
namespace {

std::string ask(std::uint16_t port, const std::string& start, const std::string& rest) {
  Client client(port);
  client.send(start + " HTTP/1.1\r\nHost: test\r\n" + rest);
  return client.read_answer();
}

std::string with_length(std::size_t bytes) {
  return "Content-Length: " + std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x');
}

std::string chunked(std::size_t bytes) {
  std::string out = "Transfer-Encoding: chunked\r\n\r\n";
  for (; bytes > 0; --bytes) out += "1\r\nx\r\n";
  return out + "0\r\n\r\n";
}

TEST_F(GatewayTest, ABodyOverAMaxPayloadIsRefusedWhetherGatheredOrStreamed) {
  // Reads bodies with a length alone: what comes in chunks is answered after its head.
  Backend backend(echo);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "extra_config": {"router": {"max_payload": 20}},
    "endpoints": [
      {"endpoint": "/json", "method": "POST", "backend": [{"url_pattern": "/j"}]},
      {"endpoint": "/small", "method": "POST", "backend": [{"url_pattern": "/s"}],
       "extra_config": {"proxy": {"max_payload": 10}}},
      {"endpoint": "/large", "method": "POST", "backend": [{"url_pattern": "/l"}],
       "extra_config": {"proxy": {"max_payload": 1000}}},
      {"endpoint": "/noop", "method": "POST", "output_encoding": "no-op",
       "backend": [{"url_pattern": "/n"}]}
    ]
  })",
                                    {backend.port()})));
  const std::pair<std::string, std::size_t> limits[] = {
      {"POST /json", 20}, {"POST /small", 10}, {"POST /large", 20}, {"POST /noop", 20}};
  for (const auto& [start, most] : limits) {
    EXPECT_THAT(ask(port(), start, with_length(most)), StartsWith("HTTP/1.1 200")) << start;
    EXPECT_THAT(ask(port(), start, with_length(most + 1)), StartsWith("HTTP/1.1 413")) << start;
    if (start == "POST /noop") continue;
    EXPECT_THAT(ask(port(), start, chunked(most)), StartsWith("HTTP/1.1 200")) << start;
    EXPECT_THAT(ask(port(), start, chunked(most + 1)), StartsWith("HTTP/1.1 413")) << start;
  }
}

const char* const kStreamed = R"({
  "version": 3,
  "host": ["http://127.0.0.1:PORT1"],
  "endpoints": [
    {"endpoint": "/up", "method": "PUT", "output_encoding": "no-op",
     "backend": [{"url_pattern": "/up"}], "extra_config": {"proxy": {"max_payload": 10}}}
  ]
})";

TEST_F(GatewayTest, AStreamedBodyThatGrowsOverMaxPayloadIsRefusedOnItsWay) {
  std::promise<void> refused;
  Backend backend([release = refused.get_future().share()](const std::string& head) {
    release.wait();
    return echo(head);
  });
  ASSERT_TRUE(gateway_.replace(load(kStreamed, {backend.port()})));
  Client client(port());
  client.send("PUT /up HTTP/1.1\r\nHost: test\r\n" + chunked(11));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 413"));
  refused.set_value();
}

TEST_F(GatewayTest, AnAnswerThatHasBegunIsBrokenNotFollowedByAnother) {
  Backend backend([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
  });
  ASSERT_TRUE(gateway_.replace(load(kStreamed, {backend.port()})));
  Client client(port());
  client.send("PUT /up HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(client.read_some(), StartsWith("HTTP/1.1 200"));
  client.send("b\r\nelevenbytes\r\n");
  EXPECT_THAT(client.read_all(), Not(HasSubstr("413")));
}

TEST_F(GatewayTest, AMaxPayloadAboveTheDefaultRaisesIt) {
  Backend backend(echo);
  const std::string endpoint = R"("endpoints": [{"endpoint": "/up", "method": "POST",
    "backend": [{"url_pattern": "/up"}], "extra_config": {"proxy": {"max_payload": 9000000}}}]})";
  const std::string start = R"({"version": 3, "host": ["http://127.0.0.1:PORT1"], )";
  ASSERT_TRUE(gateway_.replace(load(start + endpoint, {backend.port()})));
  EXPECT_THAT(ask(port(), "POST /up", with_length(9'000'000)), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(port(), "POST /up", with_length(9'000'001)), StartsWith("HTTP/1.1 413"));
  ASSERT_TRUE(gateway_.replace(
      load(start + R"("extra_config": {"ropewalk/limits": {"max_request_body": 100}}, )" + endpoint,
           {backend.port()})));
  EXPECT_THAT(ask(port(), "POST /up", with_length(101)), StartsWith("HTTP/1.1 413"));
}

TEST_F(GatewayTest, TheCatchAllGetsEverythingWithoutARoute) {
  Backend known(echo);
  Backend rest([](const std::string& head) {
    return "HTTP/1.1 418 Teapot\r\nContent-Length: " + std::to_string(head.size()) + "\r\n\r\n" +
           head;
  });
  const std::string document = R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "extra_config": {"router": ROUTER},
    "endpoints": [
      {"endpoint": "/users/{id}", "backend": [{"url_pattern": "/u/{id}"}]},
      {"endpoint": "/__catchall", "output_encoding": "json", "method": "POST",
       "backend": [{"host": ["http://127.0.0.1:PORT2"], "url_pattern": "PATTERN"}]}
    ]
  })";
  const auto with = [&](const std::string& router, const std::string& pattern) {
    std::string text = document;
    text.replace(text.find("ROUTER"), 6, router);
    text.replace(text.find("PATTERN"), 7, pattern);
    return load(text, {known.port(), rest.port()});
  };
  ASSERT_TRUE(gateway_.replace(with("{}", "/")));
  EXPECT_THAT(get(port(), "/users/7"), HasSubstr("GET /u/7 "));
  EXPECT_THAT(get(port(), "/__health"), HasSubstr("\"status\":\"ok\""));
  EXPECT_THAT(get(port(), "/users/7/"), StartsWith("HTTP/1.1 301"));
  const std::pair<const char*, const char*> cases[] = {
      {"GET /a/b%2Fc//d/?x=1&y=%20", "GET /a/b%2Fc//d/?x=1&y=+ "},
      {"DELETE /users/7", "DELETE /users/7 "},
      {"PURGE /", "PURGE / "},
      {"GET /__catchall", "GET /__catchall "},
      {"OPTIONS /users/7", "OPTIONS /users/7 "},
  };
  for (const auto& [asked, seen] : cases)
    EXPECT_THAT(ask(port(), asked, "X-Any: thing\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 418"), HasSubstr(seen), HasSubstr("X-Any: thing")))
        << asked;
  EXPECT_THAT(ask(port(), "POST /new", with_length(3)), HasSubstr("POST /new "));
  EXPECT_THAT(get(port(), "/a/%2e%2e/b"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(port(), "TRACE /a", "\r\n"), Not(StartsWith("HTTP/1.1 418")));
  EXPECT_THAT(ask(port(), "OPTIONS *", "\r\n"), StartsWith("HTTP/1.1 200"));

  ASSERT_TRUE(gateway_.replace(with(R"({"auto_options": true})", "/old/?k=v")));
  EXPECT_THAT(ask(port(), "OPTIONS /users/7", "\r\n"), HasSubstr("Allow: GET"));
  EXPECT_THAT(get(port(), "/a?x=1"), HasSubstr("GET /old/a?k=v&x=1 "));
}

}  // namespace
}  // namespace ropewalk::server
