// What a backend may ask for beyond KrakenD (ropewalk/backend), and what an answer that never ends
// is worth, over real sockets.
#include "tests/server/fixture.h"

#include <future>

namespace ropewalk::server {
namespace {

const std::string kBusy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
const std::string kEmpty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

Backend always(const std::string& answer) {
  return Backend([answer](const std::string&) { return answer; });
}

struct Route {
  std::string path;
  std::vector<std::uint16_t> ports;
  std::string rules;  // "": none
  std::string method = "GET";
  std::string group = "";
  config::v1::Encoding encoding = config::v1::ENCODING_JSON;
};

class ResilienceTest : public GatewayTest {
 protected:
  ResilienceTest() : GatewayTest(1) {}  // the health of hosts is a worker's own
  void serve(const Route& route) {
    add_hosts(all_, route.path, route.ports);
    Resource backend;
    backend.set_name("backend/" + route.path);
    auto& of_backend = *backend.mutable_backend();
    of_backend.set_host_set("hosts/" + route.path);
    of_backend.set_url_pattern("/b");
    of_backend.set_method(route.method);
    of_backend.set_group(route.group);
    of_backend.set_encoding(route.encoding);
    if (!route.rules.empty())
      (*of_backend.mutable_extra_config())["ropewalk/backend"] = route.rules;
    Resource endpoint;
    endpoint.set_name("endpoint/* GET " + route.path);
    auto& of_endpoint = *endpoint.mutable_endpoint();
    of_endpoint.set_method("GET");
    of_endpoint.set_path(route.path);
    of_endpoint.set_timeout_ns(std::chrono::nanoseconds(20s).count());
    of_endpoint.add_backends(backend.name());
    add(all_, backend);
    add(all_, endpoint);
    const auto replaced = gateway_.replace(all_);
    ASSERT_TRUE(replaced) << replaced.error().message;
  }
  std::string ask(const std::string& path) { return get(port(), path); }

  ResourceMap all_;
};

TEST_F(ResilienceTest, StatusCodesThatCount) {
  Backend missing = always("HTTP/1.1 404 No\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
  serve({.path = "/plain", .ports = {missing.port()}, .rules = ""});
  serve({.path = "/valid", .ports = {missing.port()}, .rules = R"({"valid_status_codes":[404]})"});
  EXPECT_THAT(ask("/plain"), StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(ask("/valid"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith(R"({"a":1})")));
  Backend good = always(json_answer("{}"));
  serve({.path = "/strict", .ports = {good.port()}, .rules = R"({"valid_status_codes":[404]})"});
  EXPECT_THAT(ask("/strict"), StartsWith("HTTP/1.1 500")) << "in place of 200 and 201";
}

TEST_F(ResilienceTest, BodiesThatAreEmpty) {
  Backend empty = always(kEmpty);
  const std::string accepts = R"({"accept_empty_body":true})";
  serve({.path = "/plain", .ports = {empty.port()}, .rules = ""});
  serve({.path = "/empty", .ports = {empty.port()}, .rules = accepts});
  serve({.path = "/group", .ports = {empty.port()}, .rules = accepts, .group = "g"});
  serve({.path = "/xml",
         .ports = {empty.port()},
         .rules = accepts,
         .encoding = config::v1::ENCODING_XML});
  EXPECT_THAT(ask("/plain"), StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(ask("/empty"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("\r\n{}")));
  EXPECT_THAT(ask("/group"), EndsWith(R"({"g":{}})"));
  EXPECT_THAT(ask("/xml"), EndsWith("\r\n{}"));
}

TEST_F(ResilienceTest, RetriesOnAnotherHost) {
  Backend busy = always(kBusy);
  Backend good = always(json_answer(R"({"a":1})"));
  serve({.path = "/plain", .ports = {busy.port(), good.port()}, .rules = ""});
  serve({.path = "/retry", .ports = {busy.port(), good.port()}, .rules = R"({"retry":{}})"});
  serve({.path = "/write",
         .ports = {busy.port(), good.port()},
         .rules = R"({"retry":{}})",
         .method = "POST"});
  serve({.path = "/alone", .ports = {busy.port()}, .rules = R"({"retry":{"attempts":3}})"});
  int failures = 0;
  for (int i = 0; i < 4; ++i) failures += ask("/plain").starts_with("HTTP/1.1 500");
  EXPECT_EQ(failures, 2);
  failures = 0;
  for (int i = 0; i < 4; ++i) failures += ask("/write").starts_with("HTTP/1.1 500");
  EXPECT_EQ(failures, 2) << "never what is not idempotent";
  const int before = busy.requests();
  for (int i = 0; i < 6; ++i) EXPECT_THAT(ask("/retry"), EndsWith(R"({"a":1})"));
  EXPECT_EQ(busy.requests(), before + 3);
  EXPECT_THAT(ask("/alone"), StartsWith("HTTP/1.1 500"));
  EXPECT_EQ(busy.requests(), before + 4) << "no other host, no retry";
}

TEST_F(ResilienceTest, ABudgetEndsRetries) {
  Backend first = always(kBusy);
  Backend second = always(kBusy);
  serve({.path = "/down",
         .ports = {first.port(), second.port()},
         .rules = R"({"retry":{"budget_percent":1}})"});
  constexpr int kCalls = 40;
  for (int i = 0; i < kCalls; ++i) EXPECT_THAT(ask("/down"), StartsWith("HTTP/1.1 500"));
  EXPECT_EQ(first.requests() + second.requests(), kCalls + 10);
}

TEST_F(ResilienceTest, AHostThatFailsRests) {
  Backend broken = always("");
  Backend good = always(json_answer(R"({"a":1})"));
  serve({.path = "/rest",
         .ports = {broken.port(), good.port()},
         .rules = R"({"ejection":{"consecutive_failures":2,"time":"1h"}})"});
  int failures = 0;
  for (int i = 0; i < 20; ++i) failures += ask("/rest").starts_with("HTTP/1.1 500");
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(broken.requests(), 2);
}

TEST_F(ResilienceTest, LeastRequestAvoidsABusyHost) {
  std::promise<void> released;
  auto release = released.get_future().share();
  std::promise<void> asked;
  Backend slow([&, release](const std::string&) {
    asked.set_value();
    release.wait();
    return json_answer(R"({"slow":1})");
  });
  Backend good = always(json_answer(R"({"a":1})"));
  serve({.path = "/least",
         .ports = {slow.port(), good.port()},
         .rules = R"({"balancing":"least_request"})"});
  Client waiting(gateway_.listeners().front().port);
  waiting.send("GET /least HTTP/1.1\r\nHost: a\r\n\r\n");
  asked.get_future().wait();
  for (int i = 0; i < 5; ++i) EXPECT_THAT(ask("/least"), EndsWith(R"({"a":1})"));
  released.set_value();
  EXPECT_THAT(waiting.read_answer(), EndsWith(R"({"slow":1})"));
}

struct Endless {
  const char* what;
  const char* body;
  config::v1::Encoding encoding;
};

// The endpoint's time is far longer than the test may take.
TEST_F(ResilienceTest, AValueThatIsWholeCountsThoughTheBodyNeverEnds) {
  using enum config::v1::Encoding;
  const Endless cases[] = {
      {"object", R"({"a":[{"b":"}"}]})", ENCODING_JSON},
      {"with a rest", "{\"a\":1}  {\"b\"", ENCODING_JSON},
      {"null ends with what follows", "null ", ENCODING_JSON},
      {"list", "[1,2]", ENCODING_SAFEJSON},
      {"document", "<a><b>1</b></a>", ENCODING_XML},
  };
  for (const Endless& c : cases) {
    for (const bool chunked : {false, true}) {
      const std::string body = c.body;
      const std::string head = "HTTP/1.1 200 OK\r\n";
      Backend backend = always(chunked ? head + "Transfer-Encoding: chunked\r\n\r\nff\r\n" + body
                                       : head + "Content-Length: 900\r\n\r\n" + body);
      serve({.path = "/endless", .ports = {backend.port()}, .rules = "", .encoding = c.encoding});
      EXPECT_THAT(ask("/endless"), StartsWith("HTTP/1.1 200")) << c.what << chunked;
    }
  }
  Backend refused = always("HTTP/1.1 404 No\r\nContent-Length: 900\r\n\r\n");
  serve({.path = "/refused", .ports = {refused.port()}, .rules = ""});
  EXPECT_THAT(ask("/refused"), StartsWith("HTTP/1.1 500")) << "its body is not waited for";
}

TEST_F(ResilienceTest, HalfAValueIsNoAnswer) {
  using enum config::v1::Encoding;
  const Endless cases[] = {
      {"object", R"({"a":1,)", ENCODING_JSON}, {"number that may go on", "12", ENCODING_SAFEJSON},
      {"text", "some text", ENCODING_STRING},  {"document", "<a><b>1</b>", ENCODING_XML},
      {"nothing", "", ENCODING_JSON},
  };
  for (const Endless& c : cases) {
    Backend backend =
        always(std::string("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n") + c.body);
    serve({.path = "/half", .ports = {backend.port()}, .rules = "", .encoding = c.encoding});
    Resource endpoint = *all_["endpoint/* GET /half"];
    endpoint.mutable_endpoint()->set_timeout_ns(std::chrono::nanoseconds(200ms).count());
    all_[endpoint.name()] = std::make_shared<const Resource>(endpoint);
    ASSERT_TRUE(gateway_.replace(all_));
    EXPECT_THAT(ask("/half"), StartsWith("HTTP/1.1 500")) << c.what;
  }
}

}  // namespace
}  // namespace ropewalk::server
