// Answers of backends that nobody asked for.
#include "tests/server/fixture.h"

namespace ropewalk::server {
namespace {

// It would end HTTP on the client's connection.
TEST_F(GatewayTest, AnUpgradeThatNobodyAskedForReachesNoClient) {
  Backend backend([](const std::string&) {
    return std::string(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  });
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/streamed", "output_encoding": "no-op", "backend": [{"url_pattern": "/"}]},
      {"endpoint": "/race", "output_encoding": "no-op", "concurrent_calls": 2,
       "backend": [{"url_pattern": "/"}]},
      {"endpoint": "/cached", "output_encoding": "no-op",
       "backend": [{"url_pattern": "/", "extra_config": {"qos/http-cache": {}}}]},
      {"endpoint": "/code", "backend": [
        {"url_pattern": "/", "extra_config": {"backend/http": {"return_error_code": true}}}]},
      {"endpoint": "/json", "backend": [{"url_pattern": "/"}]}
    ]
  })",
                                    {backend.port()})));
  for (const std::string path : {"/streamed", "/race", "/cached", "/code", "/json"})
    EXPECT_THAT(get(port(), path), StartsWith("HTTP/1.1 500")) << path;
}

}  // namespace
}  // namespace ropewalk::server
