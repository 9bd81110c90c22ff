// Where a backend's redirect, or a filter, may lead a call: backends made from Services stay with
// the host that was called.
#include "tests/server/fixture.h"

namespace ropewalk::server {
namespace {

std::string redirect_to(const std::string& location) {
  return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

std::string host_of(const std::string& head) {
  const auto at = head.find("\r\nHost: ") + 8;
  return head.substr(at, head.find("\r\n", at) - at);
}

// Backends as the controller makes them of a Service, whose pods have its name.
ResourceMap of_services(ResourceMap all, const std::string& host_header = "") {
  ResourceMap out;
  for (const auto& [name, resource] : all) {
    Resource changed = *resource;
    if (changed.has_backend()) {
      changed.mutable_backend()->clear_leaves_host_set();
      changed.mutable_backend()->set_host_header(host_header);
    }
    if (changed.has_host_set())
      for (auto& host : *changed.mutable_host_set()->mutable_hosts())
        host.set_authority("products.shop.svc");
    add(out, std::move(changed));
  }
  return out;
}

class RedirectsTest : public GatewayTest {
 protected:
  RedirectsTest()
      : elsewhere_(echo), backend_([this](const std::string& head) {
          if (head.starts_with("GET /start ")) return redirect_to(location_);
          return json_answer("{\"host\":\"" + host_of(head) + "\",\"secret\":\"" +
                             (head.contains("Authorization: me") ? "kept" : "dropped") + "\"}");
        }) {}

  // /x reads the answer, /raw passes it through.
  ResourceMap document() const {
    return load(R"({
      "version": 3, "host": ["http://127.0.0.1:PORT1"],
      "extra_config": {"router": {"return_error_msg": true}},
      "endpoints": [
        {"endpoint": "/x", "input_headers": ["Authorization"], "backend": [{"url_pattern": "/start"}]},
        {"endpoint": "/raw", "output_encoding": "no-op", "backend": [{"url_pattern": "/start"}]},
        {"endpoint": "/filter", "backend": [{"url_pattern": "/end", "extra_config":
          {"modifier/martian": {"url.Modifier": {"scope": ["request"], "host": "127.0.0.1:PORT2"}}}}]}
      ]
    })",
                {backend_.port(), elsewhere_.port()});
  }
  std::string answer_to(const std::string& location) {
    location_ = location;
    Client client(port());
    client.send("GET /x HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: me\r\n\r\n");
    return client.read_answer();
  }
  std::string away() const { return "http://127.0.0.1:" + std::to_string(elsewhere_.port()) + "/"; }

  std::string location_;  // set while nothing is asked
  Backend elsewhere_;
  Backend backend_;
};

TEST_F(RedirectsTest, WhatAFileNamesIsFollowedAnywhere) {
  ASSERT_TRUE(gateway_.replace(document()));
  EXPECT_THAT(answer_to(away()), HasSubstr("{\"line\":\"GET / HTTP/1.1\"}"));
  EXPECT_THAT(get(port(), "/raw"), HasSubstr("{\"line\":\"GET / HTTP/1.1\"}"));
  EXPECT_THAT(get(port(), "/filter"), HasSubstr("{\"line\":\"GET /end HTTP/1.1\"}"));
  EXPECT_EQ(elsewhere_.requests(), 3);
}

TEST_F(RedirectsTest, OfAServiceNoneLeadsToAnotherHost) {
  ASSERT_TRUE(gateway_.replace(of_services(document())));
  const std::string port_of_it = std::to_string(backend_.port());
  const std::vector<std::string> locations{
      away(),
      away().substr(5),
      "http://other.test:" + port_of_it + "/end",
      "http://products.shop.svc.test/end",
      "https://products.shop.svc/end",
      "http://products.shop.svc:1/end",
      "http://products.shop.svc@" + away().substr(7),
      "http://gateway.test/end",
      "app://products.shop.svc/end",
      "http://[",
  };
  for (const std::string& location : locations) {
    EXPECT_THAT(answer_to(location),
                AllOf(StartsWith("HTTP/1.1 500"),
                      EndsWith("invalid status code 302 [GET /start]: "
                               "http://products.shop.svc/start (a redirect to another host, not "
                               "followed)")))
        << location;
    EXPECT_THAT(get(port(), "/raw"),
                AllOf(StartsWith("HTTP/1.1 302"), HasSubstr("\r\nLocation: " + location + "\r\n")));
  }
  EXPECT_EQ(elsewhere_.requests(), 0);
}

// The name resolves nowhere: it is the pod that answered which is asked again.
TEST_F(RedirectsTest, OfAServiceItsOwnNamesLeadToTheSamePod) {
  ASSERT_TRUE(gateway_.replace(of_services(document())));
  const std::string with_port = "products.shop.svc:" + std::to_string(backend_.port());
  const std::pair<std::string, std::string> cases[] = {
      {"/end", "products.shop.svc"},
      {"end?n=1", "products.shop.svc"},
      {"//PRODUCTS.shop.svc/end", "products.shop.svc"},
      {"http://products.shop.svc:80/end", "products.shop.svc"},
      {"http://" + with_port + "/end", with_port},
  };
  for (const auto& [location, host] : cases)
    EXPECT_THAT(answer_to(location),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"host\":\"" + host + "\""),
                      HasSubstr("\"secret\":\"kept\"")))
        << location;
}

TEST_F(RedirectsTest, TheHostThatWasSentIsSuchAName) {
  ASSERT_TRUE(gateway_.replace(of_services(document(), "api.test")));
  for (const char* location : {"/end", "http://api.test/end", "//api.test/end"})
    EXPECT_THAT(answer_to(location), HasSubstr("\"host\":\"api.test\"")) << location;
  EXPECT_THAT(answer_to("http://products.shop.svc/end"),
              HasSubstr("\"host\":\"products.shop.svc\""));
  EXPECT_THAT(answer_to("http://gateway.test/end"), HasSubstr("not followed"));
  ASSERT_TRUE(gateway_.replace(of_services(document(), "preserve")));
  EXPECT_THAT(answer_to("http://gateway.test/end"), HasSubstr("\"host\":\"gateway.test\""));
  EXPECT_THAT(answer_to("http://api.test/end"), HasSubstr("not followed"));
  EXPECT_EQ(elsewhere_.requests(), 0);
}

TEST_F(RedirectsTest, OfAServiceNoFilterLeadsElsewhere) {
  ASSERT_TRUE(gateway_.replace(of_services(document())));
  EXPECT_THAT(get(port(), "/filter"),
              AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("a filter leads to another host")));
  EXPECT_EQ(elsewhere_.requests() + backend_.requests(), 0);
}

}  // namespace
}  // namespace ropewalk::server
