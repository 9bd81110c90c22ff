// No request reaches its endpoint past a gate.
#include "tests/server/fixture.h"

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

}  // namespace
}  // namespace ropewalk::server
