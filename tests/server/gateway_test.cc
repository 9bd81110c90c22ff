// The data plane over real sockets: answers, faults of backends, and configuration that changes
// under load.
#include "tests/server/fixture.h"

#include <atomic>
#include <functional>
#include <future>
#include <mutex>

namespace ropewalk::server {
namespace {

void change(ResourceMap& all, const std::string& name, const std::function<void(Resource&)>& what) {
  Resource resource = *all.at(name);
  what(resource);
  add(all, resource);
}

// `text` as config/extra writes it.
void extend(ResourceMap& all, const std::string& name, const std::string& name_space,
            const std::string& text) {
  change(all, name, [&](Resource& resource) {
    auto& extra = resource.has_endpoint() ? *resource.mutable_endpoint()->mutable_extra_config()
                                          : *resource.mutable_backend()->mutable_extra_config();
    extra[name_space] = text;
  });
}

TEST_F(GatewayTest, MergesPartsAndMarksAPartialAnswer) {
  Backend good([](const std::string&) { return json_answer(R"({"a":1})"); });
  Backend bad([](const std::string&) {
    return std::string("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
  });
  ResourceMap all;
  add_hosts(all, "good", {good.port()});
  add_hosts(all, "bad", {bad.port()});
  add_endpoint(all, "/both", {{"good", "/x", ""}, {"good", "/y", "g"}});
  add_endpoint(all, "/partial", {{"good", "/x", ""}, {"bad", "/y", "g"}});
  add_endpoint(all, "/none", {{"bad", "/x", ""}, {"bad", "/y", "g"}});
  ASSERT_TRUE(gateway_.replace(all));
  EXPECT_THAT(get(port(), "/both"),
              AllOf(HasSubstr("X-Krakend-Completed: true"), EndsWith(R"({"a":1,"g":{"a":1}})")));
  EXPECT_THAT(get(port(), "/partial"),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("X-Krakend-Completed: false"),
                    EndsWith(R"({"a":1})")));
  EXPECT_THAT(get(port(), "/none"),
              AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("X-Krakend-Completed: false")));
}

// What a filter leaves of a request is written as Go's client writes it.
TEST_F(GatewayTest, AFilterMayTakeTheAgentAndSpellTheMethod) {
  std::mutex mutex;
  std::vector<std::string> heads;
  Backend backend([&](const std::string& head) {
    const std::scoped_lock lock(mutex);
    heads.push_back(head);
    return json_answer(R"({"a":1})");
  });
  ResourceMap all;
  add_hosts(all, "b", {backend.port()});
  add_endpoint(all, "/agent", {{"b", "/x", ""}});
  add_endpoint(all, "/method", {{"b", "/x", ""}});
  extend(all, "backend/* GET /agent#b0", "modifier/martian",
         R"({"tree":{"header.Blacklist":{"names":["User-Agent"]}}})");
  extend(all, "backend/* GET /method#b0", "modifier/lua-backend",
         R"lua({"pre":"request.load():method('options')"})lua");
  ASSERT_TRUE(gateway_.replace(all));
  EXPECT_THAT(get(port(), "/agent"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(port(), "/method"), StartsWith("HTTP/1.1 200"));
  const std::scoped_lock lock(mutex);
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_THAT(heads[0], HasSubstr("User-Agent: " + compile::Identity::of("").narrowed_user_agent));
  EXPECT_THAT(heads[1], StartsWith("OPTIONS /x HTTP/1.1"));
}

// An answer without data is whole all the same: what a filter puts into it is complete.
TEST_F(GatewayTest, AFilterMayFillAWholeAnswer) {
  Backend null([](const std::string&) { return json_answer("null"); });
  Backend empty([](const std::string&) { return json_answer("{}"); });
  ResourceMap all;
  add_hosts(all, "null", {null.port()});
  add_hosts(all, "empty", {empty.port()});
  for (const std::string host : {"null", "empty"}) {
    add_endpoint(all, "/" + host, {{host, "/x", ""}});
    extend(all, "endpoint/* GET /" + host, "modifier/lua-proxy",
           R"lua({"post":"response.load():data():set('x', 1)"})lua");
    // Whatever else looks at the call.
    extend(all, "backend/* GET /" + host + "#" + host + "0", "modifier/martian",
           R"({"tree":{"fifo.Group":{"modifiers":[]}}})");
    add_endpoint(all, "/" + host + "/untouched", {{host, "/x", ""}});
    extend(all, "endpoint/* GET /" + host + "/untouched", "modifier/lua-proxy",
           R"lua({"pre":"local x = 1"})lua");
  }
  ASSERT_TRUE(gateway_.replace(all));
  for (const std::string host : {"null", "empty"}) {
    EXPECT_THAT(get(port(), "/" + host),
                AllOf(HasSubstr("X-Krakend-Completed: true"), EndsWith(R"({"x":1})")));
    EXPECT_THAT(get(port(), "/" + host + "/untouched"),
                AllOf(HasSubstr("X-Krakend-Completed: false"), EndsWith("\r\n\r\n{}")));
  }
}

// Beside an error KrakenD's scripts and checks do not run; on an answer that only lacks something
// they do.
TEST_F(GatewayTest, FiltersLeaveAnswersBesideAnErrorAlone) {
  Backend good([](const std::string&) { return json_answer(R"({"a":1})"); });
  Backend null([](const std::string&) { return json_answer("null"); });
  Backend bad([](const std::string&) {
    return std::string("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
  });
  ResourceMap all;
  add_hosts(all, "good", {good.port()});
  add_hosts(all, "null", {null.port()});
  add_hosts(all, "bad", {bad.port()});
  add_endpoint(all, "/error", {{"good", "/x", ""}, {"bad", "/y", "g"}});
  add_endpoint(all, "/less", {{"good", "/x", ""}, {"null", "/y", ""}});
  for (const char* path : {"/error", "/less"})
    extend(all, std::string("endpoint/* GET ") + path, "modifier/lua-proxy",
           R"lua({"post":"response.load():data():set('x', 1)"})lua");
  ASSERT_TRUE(gateway_.replace(all));
  EXPECT_THAT(get(port(), "/error"), EndsWith(R"({"a":1})"));
  EXPECT_THAT(get(port(), "/less"),
              AllOf(HasSubstr("X-Krakend-Completed: false"), EndsWith(R"({"a":1,"x":1})")));
}

// A filter that has nothing to do with a failure changes nothing of it.
TEST_F(GatewayTest, ErrorsOfBackendsPassFiltersUnchanged) {
  Backend bad([](const std::string&) {
    return std::string(
        "HTTP/1.1 503 Oops\r\nContent-Type: text/x\r\nContent-Length: 4\r\n\r\ndown");
  });
  ResourceMap all;
  Resource service;
  service.set_name("service");
  service.mutable_service()->mutable_router()->set_return_error_msg(true);
  add(all, service);
  add_hosts(all, "bad", {bad.port()});
  for (const std::string path : {"", "/filtered"}) {
    add_endpoint(all, "/two" + path, {{"bad", "/a", ""}, {"bad", "/b", ""}});
    add_endpoint(all, "/code" + path, {{"bad", "/c", ""}});
    extend(all, "backend/* GET /code" + path + "#bad0", "backend/http",
           R"({"return_error_code":true})");
    if (path.empty()) continue;
    for (const std::string name : {"/two", "/code"})
      extend(all, "endpoint/* GET " + name + path, "modifier/lua-proxy",
             R"lua({"post":"local x = 1"})lua");
  }
  ASSERT_TRUE(gateway_.replace(all));
  const auto body = [this](const std::string& path) {
    const std::string answer = get(port(), path);
    return answer.substr(0, 12) + answer.substr(answer.find("\r\n\r\n"));
  };
  EXPECT_EQ(body("/code/filtered"), "HTTP/1.1 503\r\n\r\ndown");
  EXPECT_EQ(body("/code/filtered"), body("/code"));
  EXPECT_THAT(body("/two/filtered"), AllOf(HasSubstr("/a"), HasSubstr("/b")));
  EXPECT_EQ(body("/two/filtered"), body("/two"));
}

// A filter that takes the Connection away does not let out what it names.
TEST_F(GatewayTest, FieldsOfTheConnectionStayBehindFilters) {
  Backend backend([](const std::string&) {
    return std::string(
        "HTTP/1.1 200 OK\r\nConnection: X-Secret\r\nX-Secret: 1\r\nX-Open: 1\r\n"
        "Proxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok");
  });
  ResourceMap all;
  add_hosts(all, "b", {backend.port()});
  const std::vector<std::pair<std::string, std::string>> scripts = {
      {"/plain", ""},
      {"/streamed", R"lua({"post":"response.load():headers('Connection', nil)"})lua"},
      {"/held",
       R"lua({"post":"local r = response.load() r:headers('Connection', nil) r:body('ok')"})lua"}};
  for (const auto& [path, script] : scripts) {
    add_endpoint(all, path, {{"b", "/x", ""}}, config::v1::ENCODING_NO_OP);
    add_endpoint(all, path + "/b", {{"b", "/x", ""}}, config::v1::ENCODING_NO_OP);
    if (script.empty()) continue;
    extend(all, "endpoint/* GET " + path, "modifier/lua-proxy", script);
    extend(all, "backend/* GET " + path + "/b#b0", "modifier/lua-backend", script);
  }
  ASSERT_TRUE(gateway_.replace(all));
  for (const auto& [path, script] : scripts)
    for (const std::string& asked : {path, path + "/b"})
      EXPECT_THAT(get(port(), asked),
                  AllOf(HasSubstr("X-Open: 1"), ::testing::Not(HasSubstr("X-Secret: 1")),
                        ::testing::Not(HasSubstr("Proxy-Authenticate"))))
          << asked;
}

// Every shadow is called as often as the others; a time that is over at once calls none.
TEST_F(GatewayTest, ShadowsAreCalledAsOftenAsTheOthers) {
  Backend good([](const std::string&) { return json_answer(R"({"a":1})"); });
  std::promise<void> twice;
  std::atomic<int> calls = 0;
  Backend shadow([&](const std::string&) {
    if (++calls == 2) twice.set_value();
    return json_answer("{}");
  });
  Backend never([](const std::string&) { return json_answer("{}"); });
  ResourceMap all;
  add_hosts(all, "good", {good.port()});
  add_hosts(all, "shadow", {shadow.port()});
  add_hosts(all, "never", {never.port()});
  add_endpoint(all, "/s", {{"good", "/x", ""}, {"shadow", "/y", ""}});
  add_endpoint(all, "/n", {{"good", "/x", ""}, {"never", "/y", ""}});
  change(all, "endpoint/* GET /s",
         [](Resource& r) { r.mutable_endpoint()->set_concurrent_calls(2); });
  change(all, "backend/* GET /s#shadow1",
         [](Resource& r) { r.mutable_backend()->set_shadow(true); });
  change(all, "backend/* GET /n#never1", [](Resource& r) {
    r.mutable_backend()->set_shadow(true);
    r.mutable_backend()->set_shadow_timeout_ns(-1);
  });
  ASSERT_TRUE(gateway_.replace(all));
  EXPECT_THAT(get(port(), "/n"), EndsWith(R"({"a":1})"));
  EXPECT_THAT(get(port(), "/s"), EndsWith(R"({"a":1})"));
  EXPECT_EQ(twice.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(never.requests(), 0);
}

TEST_F(GatewayTest, ASlowPartCostsOnlyItself) {
  Backend good([](const std::string&) { return json_answer(R"({"a":1})"); });
  std::promise<void> released;
  auto release = released.get_future().share();
  Backend slow([release](const std::string&) {
    release.wait();
    return json_answer("{}");
  });
  ResourceMap all;
  add_hosts(all, "good", {good.port()});
  add_hosts(all, "slow", {slow.port()});
  add_endpoint(all, "/m", {{"good", "/x", ""}, {"slow", "/y", "g"}}, config::v1::ENCODING_JSON,
               200ms);
  ASSERT_TRUE(gateway_.replace(all));
  EXPECT_THAT(get(port(), "/m"),
              AllOf(HasSubstr("X-Krakend-Completed: false"), EndsWith(R"({"a":1})")));
  released.set_value();
}

TEST_F(GatewayTest, StreamsBothWaysAndKeepsTheConnection) {
  Backend echo([](const std::string& head) {
    return "HTTP/1.1 201 Made\r\nX-Head: " +
           std::to_string(head.find("Content-Length: 300000") != std::string::npos) +
           "\r\nContent-Length: 400000\r\n\r\n" + std::string(400000, 'z');
  });
  ResourceMap all;
  add_hosts(all, "echo", {echo.port()});
  add_endpoint(all, "/up", {{"echo", "/up", ""}}, config::v1::ENCODING_NO_OP, 10s, "POST");
  ASSERT_TRUE(gateway_.replace(all));
  Client client(port());
  for (int round = 0; round < 3; ++round) {
    client.send("POST /up HTTP/1.1\r\nHost: test\r\nContent-Length: 300000\r\n\r\n");
    client.send(std::string(300000, 'a'));
    const std::string answer = client.read_answer();
    EXPECT_THAT(answer.substr(0, 300), AllOf(StartsWith("HTTP/1.1 201"), HasSubstr("X-Head: 1")));
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 400000u);
  }
}

// A gate answers by the head alone: a body that is there does not cost the connection, one that is
// still to come does.
TEST_F(GatewayTest, ARefusalPassesTheBodyThatCameWithTheHead) {
  Backend good([](const std::string&) { return json_answer(R"({"a":1})"); });
  ResourceMap all;
  add_hosts(all, "good", {good.port()});
  add_endpoint(all, "/x", {{"good", "/x", ""}}, config::v1::ENCODING_JSON, 2s, "POST");
  for (auto& [name, resource] : all) {
    if (!resource->has_endpoint()) continue;
    Resource guarded = *resource;
    guarded.clear_hash();
    (*guarded.mutable_endpoint()->mutable_extra_config())["security/bot-detector"] =
        R"({"deny":["bot"]})";
    add(all, guarded);
    break;
  }
  ASSERT_TRUE(gateway_.replace(all));
  const std::string head = "POST /x HTTP/1.1\r\nHost: test\r\nUser-Agent: bot\r\n";
  const std::string bodies[] = {"Content-Length: 5\r\n\r\nhello",
                                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
  Client client(port());
  for (int round = 0; round < 3; ++round)
    for (const std::string& body : bodies) {
      client.send(head + body);
      EXPECT_THAT(client.read_answer(),
                  AllOf(StartsWith("HTTP/1.1 403"), Not(HasSubstr("Connection: close"))));
    }
  client.send("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(client.read_answer(), EndsWith(R"({"a":1})"));
  client.send(head + "Content-Length: 500\r\n\r\nhello");
  EXPECT_THAT(client.read_all(), HasSubstr("Connection: close"));
}

TEST_F(GatewayTest, ACutBodyBreaksTheClientsConnection) {
  Backend cut([first = true](const std::string&) mutable {
    return std::exchange(first, false) ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
                                       : std::string();
  });
  ResourceMap all;
  add_hosts(all, "cut", {cut.port()});
  add_endpoint(all, "/cut", {{"cut", "/cut", ""}}, config::v1::ENCODING_NO_OP, 1s);
  ASSERT_TRUE(gateway_.replace(all));
  Client client(port());
  client.send("GET /cut HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "");
}

TEST_F(GatewayTest, ARefusedConnectionIsTriedOnceOnAnotherHost) {
  Backend good([](const std::string&) { return json_answer(R"({"a":1})"); });
  std::uint16_t closed = 0;
  {
    closed = Backend([](const std::string&) { return std::string(); }).port();
  }
  ResourceMap all;
  add_hosts(all, "two", {closed, good.port()});
  add_hosts(all, "dead", {closed, closed});
  add_endpoint(all, "/one", {{"two", "/x", ""}});
  add_endpoint(all, "/dead", {{"dead", "/x", ""}});
  ASSERT_TRUE(gateway_.replace(all));
  for (int i = 0; i < 8; ++i) EXPECT_THAT(get(port(), "/one"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(port(), "/dead"), StartsWith("HTTP/1.1 500"));
}

TEST_F(GatewayTest, MalformedRequestsAreRefusedAndTheConnectionEnds) {
  for (const auto& [bytes, status] : std::vector<std::pair<std::string, std::string>>{
           {"GET / HTTP/1.1\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", "501"},
           {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
           {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70000, 'x') + "\r\n\r\n", "431"},
           {"GET / HTTP/1.1\r\nHost: a\r\nExpect: the-moon\r\n\r\n", "417"}}) {
    Client client(port());
    client.send(bytes);
    EXPECT_THAT(client.read_all(),
                AllOf(StartsWith("HTTP/1.1 " + status), HasSubstr("Connection: close")))
        << bytes.substr(0, 60);
  }
}

// What only compiling finds (here: no-op with two backends) must not take the earlier version out
// of service while the sync thread chooses what to serve in its place.
TEST_F(GatewayTest, AVersionThatCannotBeCompiledNeverReplacesTheLastGoodOne) {
  Backend backend([](const std::string&) { return json_answer(R"({"a":1})"); });
  ResourceMap all;
  add_hosts(all, "pods", {backend.port()});
  add_endpoint(all, "/x", {{"pods", "/1", ""}});
  const auto step = [this](ResourceMap set) {
    std::promise<std::vector<configsync::Refusal>> done;
    gateway_.apply(std::move(set), [&](auto refused) { done.set_value(std::move(refused)); });
    return done.get_future().get();
  };
  ASSERT_THAT(step(all), ::testing::IsEmpty());
  const auto serving = gateway_.snapshot();

  ResourceMap next = all;
  add_endpoint(next, "/x", {{"pods", "/1", ""}, {"pods", "/2", ""}}, config::v1::ENCODING_NO_OP);
  add_endpoint(next, "/new", {{"pods", "/1", ""}});
  for (const auto& [name, resource] : next) ASSERT_EQ(gateway_.check(*resource), "") << name;
  const auto refused = step(next);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused.front().name, "endpoint/* GET /x");
  EXPECT_EQ(gateway_.snapshot(), serving);
  EXPECT_THAT(get(port(), "/x"), EndsWith(R"({"a":1})"));

  // The table of the stream answers with the last good version beside what is new.
  configsync::ResourceTable table([](const Resource&) { return std::string(); });
  const auto run = [&](const ResourceMap& set, std::uint64_t revision) {
    configsync::Transaction transaction;
    transaction.revision = revision;
    for (const auto& [name, resource] : set) transaction.upserts.push_back(resource);
    auto taken = table.begin(std::move(transaction));
    while (taken.apply) {
      taken = table.applied(step(std::move(taken.apply->all)));
      EXPECT_THAT(get(port(), "/x"), EndsWith(R"({"a":1})"));
    }
    return *taken.acknowledgement;
  };
  EXPECT_EQ(run(all, 1).rejected_size(), 0);
  const auto acknowledged = run(next, 2);
  ASSERT_GE(acknowledged.rejected_size(), 1);
  for (const auto& rejection : acknowledged.rejected()) EXPECT_TRUE(rejection.serves_last_good());
  EXPECT_THAT(get(port(), "/new"), EndsWith(R"({"a":1})"));
}

// What threads share: snapshots handed to workers that serve, host sets replaced, counters
// collected.
TEST_F(GatewayTest, SwapsUnderLoadLoseNothing) {
  Backend one([](const std::string&) { return json_answer(R"({"a":1})"); });
  Backend two([](const std::string&) { return json_answer(R"({"a":2})"); });
  ResourceMap all;
  add_hosts(all, "pods", {one.port()});
  add_endpoint(all, "/x", {{"pods", "/v0", ""}, {"pods", "/w", "g"}});
  ASSERT_TRUE(gateway_.replace(all));
  std::atomic<bool> stop = false;
  std::atomic<int> sent = 0;
  std::atomic<int> lost = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      Client client(port());
      while (!stop) {
        client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n");
        const std::string answer = client.read_answer();
        ++sent;
        if (answer.find("X-Krakend-Completed: true") == std::string::npos) ++lost;
        if (answer.empty()) return;
      }
    });
  for (int version = 1; version <= 60; ++version) {
    if (version % 2 == 0) {
      add_endpoint(all, "/x", {{"pods", "/v" + std::to_string(version), ""}, {"pods", "/w", "g"}});
      ASSERT_TRUE(gateway_.replace(all));
    } else {
      add_hosts(all, "pods",
                version % 4 == 1 ? std::vector{two.port(), one.port()} : std::vector{one.port()});
      std::promise<std::vector<configsync::Refusal>> done;
      gateway_.apply_host_sets(all, [&](auto refused) { done.set_value(std::move(refused)); });
      EXPECT_TRUE(done.get_future().get().empty());
    }
    (void)gateway_.collect();
    while (sent < version) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(lost, 0) << "of " << sent;
  EXPECT_EQ(gateway_.collect().endpoints().at("GET /x").status_class[2],
            static_cast<std::uint64_t>(sent.load()));
}

// A request whose backend answers when it is released.
struct UnderWay {
  std::promise<void> arrived;
  std::promise<void> released;
  Backend slow;
  Client client;

  UnderWay(Gateway& gateway, std::uint16_t port)
      : slow([this, release = released.get_future().share()](const std::string&) {
          arrived.set_value();
          release.wait();
          return json_answer(R"({"late":true})");
        }),
        client(port) {
    ResourceMap all;
    add_hosts(all, "slow", {slow.port()});
    add_endpoint(all, "/late", {{"slow", "/", ""}}, config::v1::ENCODING_JSON, 10s);
    EXPECT_TRUE(gateway.replace(all));
    client.send("GET /late HTTP/1.1\r\nHost: test\r\n\r\n");
    arrived.get_future().wait();
  }
};

TEST_F(GatewayTest, DrainAnswersWhatIsUnderWay) {
  UnderWay request(gateway_, port());
  std::promise<void> ended;
  const auto drained = ended.get_future();
  gateway_.drain(0ns, [&] { ended.set_value(); });
  EXPECT_EQ(drained.wait_for(50ms), std::future_status::timeout);
  request.released.set_value();
  EXPECT_THAT(request.client.read_all(),
              AllOf(HasSubstr("Connection: close"), EndsWith(R"({"late":true})")));
  drained.wait();
  EXPECT_EQ(Client(port()).read_all(), "");
}

TEST_F(GatewayTest, WhatADrainWaitsForCanBeCut) {
  UnderWay request(gateway_, port());
  std::promise<void> ended;
  gateway_.drain(0ns, [&] { ended.set_value(); });
  gateway_.cut();
  ended.get_future().wait();
  EXPECT_EQ(request.client.read_all(), "");
  EXPECT_EQ(gateway_.collect().server.requests_given_up, 1u);
  request.released.set_value();
}

// The last connection to be closed ends the drain, once.
TEST_F(GatewayTest, DrainClosesIdleConnections) {
  Backend backend([](const std::string&) { return json_answer("{}"); });
  ResourceMap all;
  add_hosts(all, "pods", {backend.port()});
  add_endpoint(all, "/x", {{"pods", "/", ""}});
  ASSERT_TRUE(gateway_.replace(all));
  Client client(port());
  client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
  std::promise<void> ended;
  gateway_.drain(0ns, [&] { ended.set_value(); });
  ended.get_future().wait();
  EXPECT_EQ(client.read_all(), "");
}

}  // namespace
}  // namespace ropewalk::server
