// A filter gives an answer with a body a status that has none (RFC 9110 6.4.1): nothing of the body
// may go out, for the client would take it for its next answer.
#include "tests/server/fixture.h"

namespace ropewalk::server {
namespace {

// "body" in gzip.
const std::string kPacked(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xca\x4f\xa9\x04\x00\xb2\x0b\xa8\xdb\x04\x00\x00"
    "\x00",
    24);

// By the path asked for: bodies of every framing.
std::string answer_of_any_framing(const std::string& request) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto asks = [&](const std::string& path) {
    return request.find(' ' + path) != std::string::npos;
  };
  if (request.starts_with("HEAD")) return ok + "Content-Length: 10\r\n\r\n";
  if (asks("/length")) return ok + "Content-Length: 10\r\n\r\n0123456789";
  if (asks("/chunked"))
    return ok + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n";
  if (asks("/gzip")) return ok + "Content-Encoding: gzip\r\nContent-Length: 24\r\n\r\n" + kPacked;
  if (asks("/large")) return ok + "Content-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'x');
  // Most of what is announced never comes.
  if (asks("/endless")) return ok + "Content-Length: 1000000\r\n\r\nsome";
  if (asks("/silent")) return ok + "Content-Length: 1000000\r\n\r\n";
  return ok + "Content-Length: 4\r\n\r\nlast";
}

// Everything with that filter, at the endpoint or around its backend, but for /next.
std::string document(const std::string& filter, bool at_endpoint) {
  const std::string extra = R"(, "extra_config": {)" + filter + "}";
  return R"({"version": 3, "timeout": "20s", "host": ["http://127.0.0.1:PORT1"], "endpoints": [
    {"endpoint": "/next", "output_encoding": "no-op", "backend": [{"url_pattern": "/next"}]},
    {"endpoint": "/__catchall", "output_encoding": "no-op")" +
         (at_endpoint ? extra : "") + R"(, "backend": [{"url_pattern": "/")" +
         (at_endpoint ? "" : extra) + "}]}]}";
}

std::string ask(Client& client, const std::string& method, const std::string& path,
                const std::string& version) {
  client.send(method + " " + path + " " + version +
              "\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
  return client.read_answer();
}

class NoBodyTest : public GatewayTest {
 protected:
  // On one connection: whatever went out beyond a head would be read as the next answer.
  void expect_heads_alone(const std::string& status, const std::vector<std::string>& paths) {
    for (const std::string version : {"HTTP/1.1", "HTTP/1.0"})
      for (const std::string method : {"GET", "HEAD"}) {
        Client client(port());
        for (const std::string& path : paths) {
          const std::string answer = ask(client, method, path, version);
          EXPECT_THAT(
              answer,
              AllOf(StartsWith("HTTP/1.1 " + status), EndsWith("\r\n\r\n"),
                    Not(HasSubstr("Content-Length")), Not(HasSubstr("Content-Type")),
                    Not(HasSubstr("Transfer-Encoding")), Not(HasSubstr("Connection: close"))))
              << version << ' ' << method << ' ' << path;
          if (HasFailure()) return;
        }
        client.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        EXPECT_THAT(client.read_all(),
                    AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nlast")))
            << version << ' ' << method;
      }
  }
};

TEST_F(NoBodyTest, OfAStreamWhoseStatusAFilterSet) {
  Backend backend(answer_of_any_framing);
  const std::vector<std::string> all = {"/length",  "/chunked", "/gzip",  "/large",
                                        "/endless", "/silent",  "/length"};
  for (const std::string status : {"204", "304"}) {
    ASSERT_TRUE(gateway_.replace(
        load(document(R"("modifier/martian": {"status.Modifier": {"scope": ["response"],
                         "statusCode": )" +
                          status + "}}",
                      false),
             {backend.port()})));
    expect_heads_alone(status, all);
    ASSERT_TRUE(gateway_.replace(load(
        document(R"("modifier/lua-proxy": {"post": "response.load():statusCode()" + status + ")\"}",
                 true),
        {backend.port()})));
    expect_heads_alone(status, all);
  }
}

TEST_F(NoBodyTest, OfAnAnswerThatIsHeldForItsFilter) {
  Backend backend(answer_of_any_framing);
  for (const std::string status : {"204", "304"}) {
    ASSERT_TRUE(gateway_.replace(load(
        document(
            R"("modifier/lua-proxy": {"post": "local r = response.load() r:body('other') r:statusCode()" +
                status + ")\"}",
            true),
        {backend.port()})));
    expect_heads_alone(status, {"/length", "/chunked", "/gzip", "/large", "/length"});
  }
}

}  // namespace
}  // namespace ropewalk::server
