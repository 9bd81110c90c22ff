// What a client's connection costs while nothing is asked on it.
#include "tests/server/fixture.h"

#include <malloc.h>

namespace ropewalk::server {
namespace {

// Bytes that the process has allocated and not freed. Always 0 where a sanitizer allocates.
std::int64_t allocated() {
  const auto info = ::mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// One worker: what it did for an earlier request is over when a later one is answered.
class ClientConnectionsTest : public GatewayTest {
 protected:
  ClientConnectionsTest() : GatewayTest(1) {}

  std::int64_t settled() {
    EXPECT_THAT(get(port(), "/nothing"), StartsWith("HTTP/1.1 404"));
    return allocated();
  }
};

TEST_F(ClientConnectionsTest, WhatFiltersAddToAnswersGoesWithTheirRequest) {
  Backend backend(echo);
  const std::string value(4000, 'v');
  std::string document = R"json({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/backend", "output_encoding": "no-op", "backend": [{"url_pattern": "/", "extra_config": {
        "modifier/martian": {"header.Modifier": {
          "scope": ["response"], "name": "X-Long", "value": "VALUE"}}}}]},
      {"endpoint": "/endpoint", "backend": [{"url_pattern": "/"}], "extra_config": {
        "modifier/lua-proxy": {"post": "response.load():headers('X-Long', 'VALUE')"}}}
    ]})json";
  for (std::size_t at; (at = document.find("VALUE")) != std::string::npos;)
    document.replace(at, 5, value);
  ASSERT_TRUE(gateway_.replace(load(document, {backend.port()})));
  constexpr int kRequests = 1000;
  for (const std::string path : {"/backend", "/endpoint"}) {
    Client client(port());
    const auto ask = [&] {
      client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      return client.read_answer();
    };
    EXPECT_THAT(ask(), HasSubstr("X-Long: " + value)) << path;
    const std::int64_t before = settled();
    for (int i = 0; i < kRequests; ++i) ask();
    EXPECT_LT(settled() - before, kRequests * 1000) << path;
  }
}

}  // namespace
}  // namespace ropewalk::server
