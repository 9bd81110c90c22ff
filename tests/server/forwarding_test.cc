// What of a client's request reaches a backend, where values are only data.
#include "tests/server/fixture.h"

namespace ropewalk::server {
namespace {

TEST_F(GatewayTest, DotSegmentsAreRefusedOnlyWhereTheyWouldGoIntoAPath) {
  Backend backend(echo);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "endpoints": [
      {"endpoint": "/path/{x}/end", "backend": [{"url_pattern": "/p/{x}"}]},
      {"endpoint": "/query/{x}/end", "backend": [{"url_pattern": "/q?x={x}"}]},
      {"endpoint": "/unused/{x}/end", "backend": [{"url_pattern": "/u"}]},
      {"endpoint": "/second/{x}/end", "backend": [
        {"url_pattern": "/q?x={x}"}, {"url_pattern": "/p/{x}", "group": "p"}]},
      {"endpoint": "/shadow/{x}/end", "backend": [
        {"url_pattern": "/q?x={x}"},
        {"url_pattern": "/p/{x}", "extra_config": {"proxy": {"shadow": true}}}]}
    ]
  })",
                                    {backend.port()})));
  for (const std::string dots : {".", "..", "%2e%2E", ".%2e"}) {
    for (const std::string closed : {"/path/", "/second/", "/shadow/"})
      EXPECT_THAT(get(port(), closed + dots + "/end"),
                  AllOf(StartsWith("HTTP/1.1 400"), EndsWith("error: encoded url params")))
          << closed << dots;
    EXPECT_THAT(get(port(), "/query/" + dots + "/end"), HasSubstr("GET /q?x=.")) << dots;
    EXPECT_THAT(get(port(), "/unused/" + dots + "/end"), HasSubstr("GET /u ")) << dots;
  }
  EXPECT_THAT(get(port(), "/path/.../end"), HasSubstr("GET /p/... "));
}

TEST_F(GatewayTest, ARedirectNeverNamesAnotherHost) {
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "extra_config": {"router": {"remove_extra_slash": true}},
    "endpoints": [{"endpoint": "/{x}",
                   "backend": [{"host": ["http://127.0.0.1:10"], "url_pattern": "/"}]}]
  })",
                                    {})));
  for (const std::string path : {"//evil.test/", "///evil.test/", "//evil.test//"})
    EXPECT_THAT(get(port(), path), HasSubstr("\r\nLocation: /evil.test")) << path;
  EXPECT_THAT(get(port(), "/\\evil.test/"), HasSubstr("\r\nLocation: /%5Cevil.test\r\n"));
}

TEST_F(GatewayTest, WithoutPathDecodingEveryTextIsAValueThatCannotLeaveItsPlace) {
  Backend backend(echo);
  ASSERT_TRUE(gateway_.replace(load(R"({
    "version": 3,
    "host": ["http://127.0.0.1:PORT1"],
    "extra_config": {"router": {"disable_path_decoding": true, "return_error_msg": "wrong"}},
    "endpoints": [{"endpoint": "/x/{x}", "backend": [{"url_pattern": "/p/{x}/end?x={x}"}]}]
  })",
                                    {backend.port()})));
  const std::pair<const char*, const char*> cases[] = {
      {"/x/a%252Fb", "GET /p/a%252Fb/end?x=a%252Fb "},
      {"/x/a%3Fb%23c", "GET /p/a%3Fb%23c/end?x=a%3Fb%23c "},
      {"/x/50%25", "GET /p/50%25/end?x=50%25 "},
      {"/x/%252e%252e", "GET /p/%252e%252e/end?x=%252e%252e "},
  };
  for (const auto& [path, line] : cases) EXPECT_THAT(get(port(), path), HasSubstr(line)) << path;
  EXPECT_THAT(get(port(), "/x/%2e%2e"), StartsWith("HTTP/1.1 400"));
}

}  // namespace
}  // namespace ropewalk::server
