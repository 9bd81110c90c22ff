// The cache as a filter: what it asks for, what it serves, who waits.
#include "dataplane/filters/http_cache/http_cache.h"
#include "fakes.h"

#include <gtest/gtest.h>

namespace ropewalk {
namespace {

using pipeline::Step;
using testing::FakeFlow;
using testing::FakePassage;
using testing::FakeSite;
using testing::FakeWorker;
using testing::Headers;

constexpr std::string_view kDate = "Mon, 02 Jan 2023 10:00:00 GMT";
constexpr std::string_view kLong = "max-age=1000000000";

class CacheTest : public ::testing::Test {
 protected:
  struct Asked {
    FakePassage passage;
    FakeFlow flow;
    explicit Asked(FakeWorker& worker) : passage(worker), flow(worker, passage) {}
    std::string header(std::string_view name) const {
      const http::Field* found = pipeline::find_field(flow.request.headers, name);
      return found ? std::string(found->value) : std::string();
    }
  };
  std::unique_ptr<Asked> get(std::string_view path = "/a", Headers headers = {}) {
    auto asked = std::make_unique<Asked>(worker_);
    asked->flow.request.method = "GET";
    asked->flow.request.path = path;
    testing::set_fields(asked->flow.request.headers, headers);
    return asked;
  }
  // A whole exchange; "(asked)" in front when the backend was.
  std::string ask(const pipeline::Filter& filter, Headers request, unsigned status, Headers headers,
                  std::string body) {
    const auto asked = get("/a", request);
    if (filter.on_request(asked->flow) == Step::done)
      return std::to_string(asked->flow.response.status) + " " + asked->flow.response.body;
    asked->flow.answer(status, headers, std::move(body));
    EXPECT_EQ(filter.on_response(asked->flow), Step::next);
    return "(asked) " + std::to_string(asked->flow.response.status) + " " +
           asked->flow.response.body;
  }
  std::shared_ptr<const pipeline::Filter> cache(std::string_view text = "{}",
                                                std::string_view id = "here") {
    return http_cache::make_http_cache(site_.at(text, id)).value();
  }
  static void fill(const pipeline::Filter& filter, Asked& asked, std::string_view body) {
    asked.flow.answer(200, {{"Date", kDate}, {"Cache-Control", kLong}}, std::string(body));
    filter.on_response(asked.flow);
  }

  FakeWorker worker_;
  FakeSite site_;
};

TEST_F(CacheTest, AFreshAnswerIsServedFromMemory) {
  const auto filter = cache();
  EXPECT_EQ(ask(*filter, {}, 200, {{"Date", kDate}, {"Cache-Control", kLong}}, "1"),
            "(asked) 200 1");
  EXPECT_EQ(ask(*filter, {}, 200, {}, "2"), "200 1");
  EXPECT_EQ(ask(*cache("{}", "elsewhere"), {}, 200, {}, "3"), "(asked) 200 3");
}

TEST_F(CacheTest, SharedMemoriesAreOne) {
  const auto first = cache(R"({"shared":true})", "first");
  ask(*first, {}, 200, {{"Date", kDate}, {"Cache-Control", kLong}}, "1");
  EXPECT_EQ(ask(*cache(R"({"shared":true})", "second"), {}, 200, {}, "2"), "200 1");
  site_.backend.set_host_set("other hosts");
  EXPECT_EQ(ask(*cache(R"({"shared":true})", "third"), {}, 200, {}, "3"), "(asked) 200 3");
}

TEST_F(CacheTest, AReloadBringsASharedMemoryItsNewLimits) {
  const auto limited = [&](int items) {
    site_.states.next_configuration();
    return cache(R"({"shared":true,"max_size":100000,"max_items":)" + std::to_string(items) + "}",
                 "limited");
  };
  const auto begin = [&](const pipeline::Filter& filter) { filter.begin(worker_.services()); };
  const auto load = [&](const pipeline::Filter& filter, std::string_view path) {
    const auto asked = get(path);
    if (filter.on_request(asked->flow) == Step::done) return false;
    fill(filter, *asked, "1");
    return true;
  };
  const auto before = limited(2);
  begin(*before);
  load(*before, "/a");
  load(*before, "/b");
  limited(1);  // is refused for something else, and never begins
  EXPECT_FALSE(load(*before, "/a"));
  EXPECT_FALSE(load(*before, "/b"));
  const auto after = limited(1);
  begin(*after);
  EXPECT_FALSE(load(*after, "/b"));
  EXPECT_TRUE(load(*after, "/a")) << "one is kept";
  const auto more = limited(3);
  begin(*more);
  for (const char* path : {"/b", "/c"}) load(*more, path);
  for (const char* path : {"/a", "/b", "/c"}) EXPECT_FALSE(load(*more, path)) << path;
}

TEST_F(CacheTest, StaleAnswersAreValidated) {
  const auto filter = cache();
  ask(*filter, {}, 200, {{"ETag", "\"a\""}, {"Last-Modified", kDate}}, "1");
  const auto second = get();
  EXPECT_EQ(filter->on_request(second->flow), Step::next);
  EXPECT_EQ(second->header("If-None-Match"), "\"a\"");
  EXPECT_EQ(second->header("If-Modified-Since"), kDate);
  second->flow.answer(304, {{"Date", kDate}, {"Cache-Control", kLong}}, "");
  EXPECT_EQ(filter->on_response(second->flow), Step::next);
  EXPECT_EQ(second->flow.response.status, 200);
  EXPECT_EQ(second->flow.response.body, "1");
  EXPECT_EQ(ask(*filter, {}, 500, {}, ""), "200 1") << "fresh again";
}

TEST_F(CacheTest, A304ForAConditionOfTheClientsOwnIsNotKept) {
  const auto filter = cache();
  EXPECT_EQ(ask(*filter, {{"If-None-Match", "\"e\""}}, 304,
                {{"Date", kDate}, {"Cache-Control", kLong}}, ""),
            "(asked) 304 ");
  EXPECT_EQ(ask(*filter, {}, 200, {}, "2"), "(asked) 200 2");
}

TEST_F(CacheTest, ErrorsDropAStaleAnswerUnlessItCoversThem) {
  const auto filter = cache();
  ask(*filter, {}, 200, {{"ETag", "\"a\""}}, "1");
  ask(*filter, {}, 503, {}, "down");
  const auto next = get();
  EXPECT_EQ(filter->on_request(next->flow), Step::next);
  EXPECT_EQ(next->header("If-None-Match"), "");
  next->flow.answer(200, {{"ETag", "\"b\""}, {"Cache-Control", "stale-if-error"}}, "2");
  filter->on_response(next->flow);
  EXPECT_EQ(ask(*filter, {}, 503, {}, "down"), "(asked) 200 2");
}

TEST_F(CacheTest, AStaleAnswerStandsInForABrokenConnection) {
  const auto filter = cache();
  const auto fails = [&](Kind kind) {
    const auto asked = get();
    EXPECT_EQ(filter->on_request(asked->flow), Step::next);
    asked->flow.error.kind = kind;
    if (filter->recovers(asked->flow)) return asked->flow.response.body;
    filter->on_error(asked->flow);
    return std::string("failed");
  };
  EXPECT_EQ(fails(Kind::reset), "failed") << "nothing is stored";
  ask(*filter, {}, 200, {{"ETag", "\"a\""}}, "1");
  EXPECT_EQ(fails(Kind::reset), "failed") << "not allowed";
  ask(*filter, {}, 200, {{"ETag", "\"b\""}, {"Cache-Control", "stale-if-error"}}, "2");
  EXPECT_EQ(fails(Kind::cancelled), "failed");
  EXPECT_EQ(fails(Kind::reset), "2");
  EXPECT_EQ(fails(Kind::timeout), "2");
}

TEST_F(CacheTest, AnAnswerThatIsCutIsNotKept) {
  const auto filter = cache();
  const auto first = get();
  EXPECT_EQ(filter->on_request(first->flow), Step::next);
  first->flow.response.cut = true;
  fill(*filter, *first, "{}");
  EXPECT_EQ(ask(*filter, {}, 200, {}, "2"), "(asked) 200 2");
}

TEST_F(CacheTest, OthersWaitForTheOneWhoAsks) {
  const auto filter = cache();
  const auto first = get();
  const auto second = get();
  const auto third = get();
  EXPECT_EQ(filter->on_request(first->flow), Step::next);
  EXPECT_EQ(filter->on_request(second->flow), Step::wait);
  EXPECT_EQ(filter->on_request(third->flow), Step::wait);
  fill(*filter, *first, "1");
  worker_.run();
  EXPECT_EQ(second->flow.woken, Step::done);
  EXPECT_EQ(second->flow.response.body, "1");
  EXPECT_EQ(third->flow.woken, Step::done);
}

TEST_F(CacheTest, ThoseWhoWaitAskThemselvesWhenTheAnswerIsNotForThem) {
  const auto filter = cache();
  const auto first = get();
  const auto second = get();
  EXPECT_EQ(filter->on_request(first->flow), Step::next);
  EXPECT_EQ(filter->on_request(second->flow), Step::wait);
  first->flow.answer(200, {{"Cache-Control", "private"}}, "1");
  filter->on_response(first->flow);
  worker_.run();
  EXPECT_EQ(second->flow.woken, Step::next);
}

// Those who waited ask at once and together, and those who come soon after do not wait at all.
TEST_F(CacheTest, NobodyWaitsForAnAnswerThatServesNobodyElse) {
  const Headers cases[] = {
      {},                                                 // never fresh
      {{"Date", kDate}, {"Cache-Control", "max-age=1"}},  // not any more
      {{"Date", kDate}, {"Cache-Control", "max-age=1000000000, no-cache"}},
      {{"Date", kDate}, {"Cache-Control", kLong}, {"Vary", "*"}},
  };
  int number = 0;
  for (const Headers& headers : cases) {
    const auto filter = cache("{}", "case " + std::to_string(number++));
    const auto first = get();
    const auto second = get();
    EXPECT_EQ(filter->on_request(first->flow), Step::next);
    EXPECT_EQ(filter->on_request(second->flow), Step::wait);
    first->flow.answer(200, headers, "1");
    filter->on_response(first->flow);
    worker_.run();
    EXPECT_EQ(second->flow.woken, Step::next) << number;
    const auto third = get();
    const auto fourth = get();
    EXPECT_EQ(filter->on_request(third->flow), Step::next) << number;
    EXPECT_EQ(filter->on_request(fourth->flow), Step::next) << number;
  }
}

TEST_F(CacheTest, ThoseWhoGetAnotherVariantDoNotWait) {
  const auto filter = cache();
  const auto speaks = [&](std::string_view language) { return get("/a", {{"A", language}}); };
  const auto first = speaks("de");
  EXPECT_EQ(filter->on_request(first->flow), Step::next);
  first->flow.answer(200, {{"Date", kDate}, {"Cache-Control", kLong}, {"Vary", "A"}}, "hallo");
  filter->on_response(first->flow);
  EXPECT_EQ(filter->on_request(speaks("de")->flow), Step::done);
  const auto french = speaks("fr");
  const auto polish = speaks("pl");
  const auto other = speaks("fr");
  EXPECT_EQ(filter->on_request(french->flow), Step::next);
  EXPECT_EQ(filter->on_request(polish->flow), Step::next);
  EXPECT_EQ(filter->on_request(other->flow), Step::wait);
  french->flow.answer(200, {{"Date", kDate}, {"Cache-Control", kLong}, {"Vary", "A"}}, "salut");
  filter->on_response(french->flow);
  worker_.run();
  EXPECT_EQ(other->flow.woken, Step::done);
  EXPECT_EQ(other->flow.response.body, "salut");
}

TEST_F(CacheTest, AFailureWakesThem) {
  const auto filter = cache();
  const auto first = get();
  const auto second = get();
  filter->on_request(first->flow);
  filter->on_request(second->flow);
  first->flow.error.kind = Kind::connect;
  filter->on_error(first->flow);
  worker_.run();
  EXPECT_EQ(second->flow.woken, Step::next);
}

TEST_F(CacheTest, WhenTheOneWhoAsksLeavesAnotherTakesOver) {
  const auto filter = cache();
  auto first = get();
  const auto second = get();
  const auto third = get();
  filter->on_request(first->flow);
  filter->on_request(second->flow);
  filter->on_request(third->flow);
  first.reset();  // the client's connection is gone
  worker_.run();
  EXPECT_EQ(second->flow.woken, Step::next);
  EXPECT_FALSE(third->flow.woken);
  fill(*filter, *second, "1");
  worker_.run();
  EXPECT_EQ(third->flow.woken, Step::done);
}

TEST_F(CacheTest, NobodyIsWokenWhoHasLeft) {
  const auto filter = cache();
  const auto first = get();
  auto second = get();
  filter->on_request(first->flow);
  filter->on_request(second->flow);
  second.reset();
  fill(*filter, *first, "1");
  worker_.run();
  EXPECT_EQ(ask(*filter, {}, 200, {}, "2"), "200 1");
}

TEST_F(CacheTest, TheKeyIsTheUrlInTheOrderOfNames) {
  const auto filter = cache();
  const auto with = [&](std::vector<std::pair<std::string, std::string>> query) {
    auto asked = get();
    asked->flow.request.query = std::move(query);
    return asked;
  };
  const auto first = with({{"b", "2"}, {"a", "1"}});
  filter->on_request(first->flow);
  fill(*filter, *first, "1");
  EXPECT_EQ(filter->on_request(with({{"a", "1"}, {"b", "2"}})->flow), Step::done);
  EXPECT_EQ(filter->on_request(with({{"a", "1"}})->flow), Step::next);
  EXPECT_EQ(filter->on_request(with({{"a", "1\nb"}})->flow), Step::next);
  const auto head = get();
  head->flow.request.method = "HEAD";
  EXPECT_EQ(filter->on_request(head->flow), Step::next);
  const auto post = get();
  post->flow.request.method = "POST";
  EXPECT_EQ(filter->on_request(post->flow), Step::next);
}

// Parameters are decoded by now: their names and values may hold whatever bytes part others.
TEST_F(CacheTest, NoRequestHasTheKeyOfAnother) {
  using Query = std::vector<std::pair<std::string, std::string>>;
  const auto path = [&](std::string_view path, Query query) {
    auto asked = get(path);
    asked->flow.request.query = std::move(query);
    return asked;
  };
  const auto host = [&](std::string_view host, std::string_view destination) {
    auto asked = get();
    asked->flow.request.host = host;
    asked->flow.request.destination = destination;
    return asked;
  };
  const std::string joined("1\nq\0rope", 8);
  const auto filter = cache();
  const auto poison = path("/a", {{"page", joined}});
  filter->on_request(poison->flow);
  fill(*filter, *poison, "1");
  EXPECT_EQ(filter->on_request(path("/a", {{"page", joined}})->flow), Step::done);
  EXPECT_EQ(filter->on_request(path("/a", {{"page", "1"}, {"q", "rope"}})->flow), Step::next);
  EXPECT_EQ(filter->on_request(path("/a", {{"page", "1:q4:rope"}})->flow), Step::next);
  EXPECT_EQ(filter->on_request(path("/a", {{"page1\nq", "rope"}})->flow), Step::next);
  const auto elsewhere = host("b", "http://a\n");
  filter->on_request(elsewhere->flow);
  fill(*filter, *elsewhere, "2");
  EXPECT_EQ(filter->on_request(host("\nb", "http://a")->flow), Step::next);
}

// Filters below the cache write into the same request.
TEST_F(CacheTest, WhatTheGatewayAddsDoesNotCount) {
  const auto filter = cache();
  const auto first = get("/a", {{"X-Tenant", "acme"}});
  EXPECT_EQ(filter->on_request(first->flow), Step::next);
  pipeline::Request& sent = first->flow.request;
  pipeline::set_field(sent.headers, sent.arena, "Authorization", "Bearer of the gateway");
  pipeline::set_field(sent.headers, sent.arena, "X-Tenant", "other");
  pipeline::set_field(sent.headers, sent.arena, "Cache-Control", "no-store");
  first->flow.answer(200,
                     {{"Date", kDate},
                      {"Cache-Control", "max-age=1, stale-if-error"},
                      {"ETag", "\"a\""},
                      {"Vary", "Authorization, X-Tenant"}},
                     "1");
  filter->on_response(first->flow);
  const auto second = get("/a", {{"X-Tenant", "acme"}});
  EXPECT_EQ(filter->on_request(second->flow), Step::next);
  EXPECT_EQ(second->header("If-None-Match"), "\"a\"") << "stored, stale by now";
  second->flow.answer(
      304, {{"Date", kDate}, {"Cache-Control", kLong}, {"Vary", "If-None-Match, X-Tenant"}}, "");
  filter->on_response(second->flow);
  EXPECT_EQ(filter->on_request(get("/a", {{"X-Tenant", "acme"}})->flow), Step::done);
  const auto third = get("/a", {{"X-Tenant", "acme"}, {"Authorization", "Bearer anna"}});
  third->flow.request.path = "/b";
  EXPECT_EQ(filter->on_request(third->flow), Step::next);
  fill(*filter, *third, "for anna");
  const auto fourth = get("/b", {{"X-Tenant", "acme"}, {"Authorization", "Bearer anna"}});
  EXPECT_EQ(filter->on_request(fourth->flow), Step::next) << "a client's own token counts";
}

TEST_F(CacheTest, OnlyIfCachedIsAnsweredHere) {
  EXPECT_EQ(ask(*cache(), {{"Cache-Control", "only-if-cached"}}, 200, {}, "1"), "504 ");
}

TEST_F(CacheTest, ARangeGoesByAndRemoves) {
  const auto filter = cache();
  ask(*filter, {}, 200, {{"Date", kDate}, {"Cache-Control", kLong}}, "0123");
  EXPECT_EQ(ask(*filter, {{"Range", "bytes=0-1"}}, 206, {{"Date", kDate}}, "01"), "(asked) 206 01");
  EXPECT_EQ(ask(*filter, {}, 200, {}, "new"), "(asked) 200 new");
}

TEST_F(CacheTest, AnErrorWhoseBodyNobodyReadsIsNotKept) {
  const Headers headers{{"Date", kDate}, {"Cache-Control", kLong}};
  const auto plain = cache();
  EXPECT_EQ(ask(*plain, {}, 404, headers, "no"), "(asked) 404 no");
  EXPECT_EQ(ask(*plain, {}, 200, {}, "1"), "(asked) 200 1");
  site_.backend.set_encoding(config::v1::ENCODING_NO_OP);
  const auto raw = cache("{}", "raw");
  EXPECT_EQ(ask(*raw, {}, 404, headers, "no"), "(asked) 404 no");
  EXPECT_EQ(ask(*raw, {}, 200, {}, "1"), "404 no");
}

}  // namespace
}  // namespace ropewalk
