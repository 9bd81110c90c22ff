// Freshness, entries and the store of the cache. No clock: the time is a number.
#include "dataplane/filters/http_cache/store.h"

#include <gtest/gtest.h>

namespace ropewalk::http_cache {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr std::string_view kDate = "Mon, 02 Jan 2023 10:00:00 GMT";
constexpr Nanoseconds kThen = 1'672'653'600 * kSecond;

http::Fields fields_of(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  http::Fields fields;
  for (const auto& [name, value] : list) fields.add(name, value, http::field_id(name));
  return fields;
}

pipeline::Response answer(
    std::initializer_list<std::pair<std::string_view, std::string_view>> headers,
    std::string body = "{}", unsigned status = 200) {
  pipeline::Response response;
  response.status = status;
  response.headers = fields_of(headers);
  response.body = std::move(body);
  return response;
}

TEST(Dates, AreReadAsRfc1123) {
  EXPECT_EQ(parse_date(kDate), kThen);
  EXPECT_EQ(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(parse_date("Thu, 29 Feb 2024 23:59:59 UTC"), 1'709'251'199 * kSecond);
  for (const char* bad : {"", "0", "-1", "Mon, 2 Jan 2023 10:00:00 GMT",
                          "Mon, 02 Foo 2023 10:00:00 GMT", "Mon, 32 Jan 2023 10:00:00 GMT",
                          "Mon, 02 Jan 2023 25:00:00 GMT", "Mon, 02 Jan 2023 10:00:00",
                          "Monday, 02-Jan-23 10:00:00 GMT", "Mon, 0x Jan 2023 10:00:00 GMT"})
    EXPECT_FALSE(parse_date(bad)) << bad;
}

TEST(Seconds, AreReadAsGoDurations) {
  EXPECT_EQ(parse_seconds("60"), 60 * kSecond);
  EXPECT_EQ(parse_seconds("1.5"), kSecond * 3 / 2);
  EXPECT_EQ(parse_seconds("-1"), -kSecond);
  for (const char* bad : {"", "x", "\"60\"", "9223372036", "99999999999999999999", ".", "1e3"})
    EXPECT_FALSE(parse_seconds(bad)) << bad;
}

struct Judged {
  const char* control;
  const char* expires;
  const char* request;
  Nanoseconds age;
  Freshness expected;
};

TEST(Freshness, FollowsTheDirectives) {
  const Judged cases[] = {
      {"max-age=60", "", "", 59 * kSecond, Freshness::fresh},
      {"max-age=60", "", "", 60 * kSecond, Freshness::stale},
      {"Max-Age=60", "", "", kSecond, Freshness::stale},
      {"s-maxage=60", "", "", kSecond, Freshness::stale},
      {"max-age=x", "Fri, 02 Jan 2099 10:00:00 GMT", "", kSecond, Freshness::stale},
      {"", "Mon, 02 Jan 2023 10:01:00 GMT", "", 59 * kSecond, Freshness::fresh},
      {"", "Mon, 02 Jan 2023 10:01:00 GMT", "", 61 * kSecond, Freshness::stale},
      {"", "0", "", 0, Freshness::stale},
      {"", "", "", 0, Freshness::stale},
      {"no-cache, max-age=60", "", "", 0, Freshness::stale},
      {"max-age=60", "", "no-cache", 0, Freshness::transparent},
      {"max-age=60", "", "max-age=0", kSecond, Freshness::stale},
      {"max-age=60", "", "max-age=10", 9 * kSecond, Freshness::fresh},
      {"max-age=60", "", "min-fresh=30", 20 * kSecond, Freshness::fresh},
      {"max-age=60", "", "min-fresh=30", 40 * kSecond, Freshness::stale},
      {"max-age=60", "", "max-stale", 1000 * kSecond, Freshness::fresh},
      {"max-age=60", "", "max-stale=60", 100 * kSecond, Freshness::fresh},
      {"max-age=60", "", "max-stale=60", 130 * kSecond, Freshness::stale},
      {"max-age=60", "", "only-if-cached", 100 * kSecond, Freshness::fresh},
  };
  for (const Judged& c : cases) {
    const auto stored = Lifetime::of(Directives(c.control), kDate, c.expires);
    EXPECT_EQ(judge(stored, Directives(c.request), kThen + c.age), c.expected)
        << c.control << " | " << c.expires << " | " << c.request;
  }
  EXPECT_EQ(judge(Lifetime::of(Directives("max-age=60"), "", ""), Directives(""), kThen),
            Freshness::stale)
      << "without Date nothing is fresh";
}

TEST(Freshness, ErrorsAreCoveredWhileTheDirectiveSaysSo) {
  const auto covered = [](const char* control, const char* request, Nanoseconds age) {
    return covers_error(Lifetime::of(Directives(control), kDate, ""), Directives(request),
                        kThen + age);
  };
  EXPECT_FALSE(covered("max-age=0", "", kSecond));
  EXPECT_TRUE(covered("max-age=0, stale-if-error", "", 1000 * kSecond));
  EXPECT_TRUE(covered("stale-if-error=60", "", 59 * kSecond));
  EXPECT_FALSE(covered("stale-if-error=60", "", 61 * kSecond));
  EXPECT_FALSE(covered("stale-if-error=x", "stale-if-error", kSecond));
  EXPECT_TRUE(covered("", "stale-if-error=60", kSecond));
}

TEST(Storing, KeepsNothingThatIsForOneClient) {
  const auto plain = fields_of({});
  const auto known = fields_of({{"Authorization", "Bearer anna"}});
  const auto keeps = [](const http::Fields& request, const char* asked, unsigned status,
                        const char* control) {
    return storable(request, Directives(asked), status, Directives(control));
  };
  EXPECT_TRUE(keeps(plain, "", 200, "max-age=60"));
  EXPECT_TRUE(keeps(plain, "", 404, ""));
  EXPECT_FALSE(keeps(plain, "", 200, "private, max-age=60"));
  EXPECT_FALSE(keeps(plain, "", 200, "private=\"set-cookie\""));
  EXPECT_FALSE(keeps(plain, "", 200, "no-store"));
  EXPECT_FALSE(keeps(plain, "no-store", 200, "max-age=60"));
  EXPECT_FALSE(keeps(plain, "", 206, "max-age=60"));
  EXPECT_FALSE(keeps(plain, "", 304, "max-age=60"));
  EXPECT_FALSE(keeps(known, "", 200, "max-age=60"));
  for (const char* control : {"public", "s-maxage=60", "must-revalidate"})
    EXPECT_TRUE(keeps(known, "", 200, control)) << control;
}

TEST(Entries, MatchByVary) {
  const auto entry = make_entry(fields_of({{"Accept-Language", "de"}}),
                                answer({{"Vary", "accept-language, X-Tenant"}}));
  EXPECT_TRUE(entry->matches(fields_of({{"accept-language", "de"}})));
  EXPECT_TRUE(entry->matches(fields_of({{"Accept-Language", "de"}, {"X-Tenant", ""}})));
  EXPECT_FALSE(entry->matches(fields_of({{"Accept-Language", "fr"}})));
  EXPECT_FALSE(entry->matches(fields_of({{"Accept-Language", "de"}, {"X-Tenant", "acme"}})));
  EXPECT_FALSE(make_entry(fields_of({}), answer({{"Vary", "*"}}))->matches(fields_of({})));
}

TEST(Entries, EveryLineOfAFieldVaries) {
  const auto entry = make_entry(fields_of({{"A", "x"}, {"A", "y"}}), answer({{"Vary", "A"}}));
  EXPECT_TRUE(entry->matches(fields_of({{"A", "x"}, {"a", "y"}})));
  EXPECT_FALSE(entry->matches(fields_of({{"A", "x"}})));
  EXPECT_FALSE(entry->matches(fields_of({{"A", "x"}, {"A", "z"}})));
}

TEST(Entries, KnowTheVariantOfARequest) {
  const auto entry = make_entry(fields_of({}), answer({{"Vary", "A, B"}}));
  const auto variant = [&](std::string_view a, std::string_view b) {
    return entry->variant_of(fields_of({{"a", a}, {"B", b}, {"C", "z"}}));
  };
  EXPECT_EQ(variant("x", "y"), entry->variant_of(fields_of({{"B", "y"}, {"A", "x"}})));
  EXPECT_NE(variant("x", "y"), variant("y", "x"));
  EXPECT_NE(variant("x", "1:B1:y"), variant("x1:B", "1:y"));
}

TEST(Entries, FieldsOfTheRequestCount) {
  const auto small = make_entry(fields_of({{"A", "x"}}), answer({{"Vary", "A"}}));
  const auto large =
      make_entry(fields_of({{"A", std::string(5000, 'x')}}), answer({{"Vary", "A"}}));
  EXPECT_EQ(large->bytes() - small->bytes(), 4999);
}

TEST(Entries, PackedBodiesAreForThoseWhoAskedForThem) {
  const auto entry = make_entry(fields_of({{"Accept-Encoding", "gzip"}}),
                                answer({{"Content-Encoding", "gzip"}}, "\x1f\x8b"));
  EXPECT_TRUE(entry->matches(fields_of({{"Accept-Encoding", "gzip"}})));
  EXPECT_FALSE(entry->matches(fields_of({})));
}

TEST(Entries, A304BringsNewFieldsAndKeepsTheBody) {
  const auto old = make_entry(
      fields_of({}),
      answer({{"ETag", "\"a\""}, {"Cache-Control", "max-age=1"}, {"X-Kept", "1"}}, "body"));
  const auto news = refreshed(*old, fields_of({}),
                              fields_of({{"cache-control", "max-age=60"},
                                         {"Date", kDate},
                                         {"Content-Length", "0"},
                                         {"X-New", "2"}}));
  EXPECT_EQ(news->body, "body");
  EXPECT_EQ(news->status, 200);
  EXPECT_EQ(news->etag, "\"a\"");
  EXPECT_EQ(value_of(news->fields, "X-Kept"), "1");
  EXPECT_EQ(value_of(news->fields, "X-New"), "2");
  EXPECT_EQ(value_of(news->fields, "Content-Length"), "");
  EXPECT_EQ(news->lifetime.lifetime, 60 * kSecond);
  pipeline::Response out;
  copy_to(*news, out);
  EXPECT_EQ(out.body, "body");
  EXPECT_EQ(out.headers.size(), 5);
}

std::shared_ptr<const Entry> entry_of(std::string body) {
  return make_entry(fields_of({}), answer({}, std::move(body)));
}

TEST(StoreBounds, TheLeastRecentlyUsedGoes) {
  Store store({2, 1'000'000}, 1);
  store.put("1", entry_of("a"));
  store.put("2", entry_of("b"));
  EXPECT_TRUE(store.find("1"));
  store.put("3", entry_of("c"));
  EXPECT_TRUE(store.find("1"));
  EXPECT_FALSE(store.find("2"));
  EXPECT_TRUE(store.find("3"));
}

TEST(StoreBounds, BytesCountAndGiantsAreNotKept) {
  Store store({100, 1000}, 1);
  EXPECT_TRUE(store.put("small", entry_of(std::string(100, 'x'))));
  EXPECT_FALSE(store.put("giant", entry_of(std::string(2000, 'x'))));
  EXPECT_TRUE(store.find("small"));
  EXPECT_FALSE(store.find("giant"));
  store.put("small", entry_of(std::string(2000, 'x')));
  EXPECT_FALSE(store.find("small")) << "the older answer of that key is not served on";
  EXPECT_EQ(store.bytes(), 0);
  for (int i = 0; i < 100; ++i) store.put(std::to_string(i), entry_of(std::string(100, 'x')));
  EXPECT_LE(store.bytes(), 1000);
  EXPECT_EQ(store.size(), 9);
}

TEST(StoreBounds, FollowEachConfiguration) {
  Store store({4, 1'000'000}, 1);
  for (const char* key : {"1", "2", "3", "4"}) store.put(key, entry_of("a"));
  store.resize({2, 1'000'000}, 1);
  EXPECT_EQ(store.size(), 2);
  EXPECT_TRUE(store.find("4"));
  store.resize({9, 1'000'000}, 1);  // not the first of that configuration
  store.put("5", entry_of("b"));
  EXPECT_EQ(store.size(), 2);
  store.resize({3, 1'000'000}, 2);
  store.put("6", entry_of("c"));
  EXPECT_EQ(store.size(), 3);
  store.resize({3, 2}, 3);
  EXPECT_EQ(store.size(), 1) << "a byte of body and one of key";
}

class Flights : public ::testing::Test {
 protected:
  Store::Role join(const void* party, const Entry* seen = nullptr, Nanoseconds now = 0,
                   std::string_view variant = "") {
    return store_.join(
        {"k", variant}, seen, party,
        [this] { return [this](Landing landing) { heard_.push_back(landing); }; }, now);
  }
  Store store_{{10, 1000}, 1};
  std::vector<Landing> heard_;
  int anna_ = 0;
  int bob_ = 0;
};

TEST_F(Flights, OneAsksAndTheOthersHearOfIt) {
  EXPECT_EQ(join(&anna_), Store::Role::leads);
  EXPECT_EQ(join(&bob_), Store::Role::waits);
  EXPECT_EQ(join(&bob_), Store::Role::waits);
  store_.put("k", entry_of("a"));
  store_.land({"k", ""}, Landing::stored, 0);
  EXPECT_EQ(heard_, (std::vector<Landing>{Landing::stored, Landing::stored}));
  EXPECT_EQ(join(&bob_), Store::Role::changed) << "came just too late to have found it";
}

TEST_F(Flights, CallsOfOneRequestDoNotWaitForEachOther) {
  EXPECT_EQ(join(&anna_), Store::Role::leads);
  EXPECT_EQ(join(&anna_), Store::Role::alone);
}

TEST_F(Flights, WhatCannotBeSharedIsNotWaitedForForAWhile) {
  EXPECT_EQ(join(&anna_), Store::Role::leads);
  store_.land({"k", ""}, Landing::unshared, 0);
  EXPECT_EQ(join(&anna_, nullptr, kSecond), Store::Role::alone);
  EXPECT_EQ(join(&anna_, nullptr, 11 * kSecond), Store::Role::leads);
}

TEST_F(Flights, ThoseWhoAskForAnotherVariantDoNotWait) {
  EXPECT_EQ(join(&anna_, nullptr, 0, "1:A1:x"), Store::Role::leads);
  EXPECT_EQ(join(&bob_, nullptr, 0, "1:A1:y"), Store::Role::leads);
  EXPECT_EQ(join(&bob_, nullptr, 0, "1:A1:x"), Store::Role::waits);
  store_.land({"k", "1:A1:y"}, Landing::unshared, 0);
  EXPECT_TRUE(heard_.empty());
  store_.land({"k", "1:A1:x"}, Landing::failed, 0);
  EXPECT_EQ(heard_, std::vector<Landing>{Landing::failed});
}

TEST_F(Flights, AfterACancelledOneTheNextLeads) {
  EXPECT_EQ(join(&anna_), Store::Role::leads);
  EXPECT_EQ(join(&bob_), Store::Role::waits);
  store_.land({"k", ""}, Landing::cancelled, 0);
  EXPECT_EQ(heard_, std::vector<Landing>{Landing::cancelled});
  EXPECT_EQ(join(&bob_), Store::Role::leads);
}

}  // namespace
}  // namespace ropewalk::http_cache
