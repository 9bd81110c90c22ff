#include "controller/kube/wire.h"

#include "controller/kube/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ropewalk::controller::kube {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

TEST(Wire, ListsWithVersionTokenAndUnreadableItems) {
  const auto list = parse_list(ObjectKind::service, R"({"kind": "ServiceList", "apiVersion": "v1",
    "metadata": {"resourceVersion": "12", "continue": "abc"},
    "items": [{"metadata": {"namespace": "n", "name": "a"}},
              {"metadata": {"namespace": "n", "name": "b"}, "spec": {"ports": [{"port": 0}]}}]})");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->resource_version, "12");
  EXPECT_EQ(list->continue_token, "abc");
  ASSERT_EQ(list->items.size(), 1u);
  ASSERT_EQ(list->unreadable.size(), 1u);
  EXPECT_EQ(list->unreadable[0],
            "Service n/b: spec.ports[0].port: expected a number from 1 to 65535");
  const auto empty =
      parse_list(ObjectKind::secret, R"({"metadata": {"resourceVersion": "1"}, "items": null})");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->items.empty());
}

TEST(Wire, WhatIsNoListIsAnError) {
  for (const char* text : {"", "{", "[]", R"({"items": []})", R"({"items": 3})",
                           R"({"metadata": {"resourceVersion": 3}, "items": []})"}) {
    const auto list = parse_list(ObjectKind::service, text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().kind, Kind::protocol);
  }
}

TEST(Wire, WatchEvents) {
  const auto added = parse_watch_event(
      ObjectKind::service,
      R"({"type": "ADDED", "object": {"metadata": {"name": "a", "resourceVersion": "3"}}})");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->type, WatchEvent::Type::upsert);
  EXPECT_EQ(added->resource_version, "3");
  ASSERT_TRUE(added->object);
  const auto removed = parse_watch_event(
      ObjectKind::service,
      R"({"type": "DELETED", "object": {"metadata": {"name": "a", "resourceVersion": "4"}}})");
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->type, WatchEvent::Type::remove);
  const auto bookmark = parse_watch_event(
      ObjectKind::service,
      R"({"type": "BOOKMARK", "object": {"kind": "Service", "metadata": {"resourceVersion": "5"}}})");
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->type, WatchEvent::Type::bookmark);
  EXPECT_FALSE(bookmark->initial_events_end);
  const auto end = parse_watch_event(ObjectKind::service,
                                     R"({"type": "BOOKMARK", "object": {"metadata":
          {"resourceVersion": "6", "annotations": {"k8s.io/initial-events-end": "true"}}}})");
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->initial_events_end);
  const auto expired = parse_watch_event(
      ObjectKind::service,
      R"({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired",
          "message": "too old", "details": {"retryAfterSeconds": 2}}})");
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->type, WatchEvent::Type::error);
  EXPECT_EQ(expired->status.code, 410);
  EXPECT_EQ(expired->status.reason, "Expired");
  EXPECT_EQ(expired->status.retry_after, seconds(2));
}

TEST(Wire, AnUnreadableObjectKeepsItsVersion) {
  const auto event = parse_watch_event(
      ObjectKind::service,
      R"({"type": "MODIFIED", "object": {"metadata": {"name": 3, "resourceVersion": "4"}}})");
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->object);
  EXPECT_THAT(event->unreadable, HasSubstr("metadata.name: expected a string"));
  EXPECT_EQ(event->resource_version, "4");
}

TEST(Wire, MalformedEventsAreErrors) {
  for (const char* text :
       {"", "{\"type\": \"ADDED\"", R"({"type": "ADDED"})", R"({"type": "ADDED", "object": []})",
        R"({"type": "ADDED", "object": {"metadata": {"name": "a"}}})",
        R"({"type": "NEW", "object": {"metadata": {"name": "a", "resourceVersion": "3"}}})"}) {
    const auto event = parse_watch_event(ObjectKind::service, text);
    ASSERT_FALSE(event) << text;
    EXPECT_EQ(event.error().kind, Kind::protocol) << text;
  }
}

TEST(Wire, StatusFromBodyAndHeader) {
  const ApiStatus full = parse_status(
      504, R"({"kind": "Status", "reason": "Timeout", "message": "Too large\nresource version",
               "details": {"retryAfterSeconds": 1}, "code": 200})",
      "");
  EXPECT_EQ(full.code, 504);
  EXPECT_EQ(full.reason, "Timeout");
  EXPECT_EQ(full.message, "Too large resource version");
  EXPECT_EQ(full.retry_after, seconds(1));
  const ApiStatus bare = parse_status(429, "too many", "12");
  EXPECT_EQ(bare.message, "HTTP status 429");
  EXPECT_EQ(bare.retry_after, seconds(12));
  EXPECT_FALSE(parse_status(429, "", "Wed, 21 Oct 2026 07:28:00 GMT").retry_after);
  EXPECT_FALSE(parse_status(429, "", "-1").retry_after);
}

TEST(Paths, ListsAndWatches) {
  EXPECT_EQ(list_target({ObjectKind::service, "", ""}, {.resource_version = "0"}),
            "/api/v1/services?resourceVersion=0");
  EXPECT_EQ(list_target({ObjectKind::endpoint_slice, "shop", ""},
                        {.continue_token = "a=b", .limit = 500}),
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?resourceVersion=&limit=500"
            "&continue=a%3Db");
  EXPECT_EQ(watch_target({ObjectKind::secret, "shop", "tls"},
                         {.resource_version = "7", .timeout = seconds(300)}),
            "/api/v1/namespaces/shop/secrets?watch=true&allowWatchBookmarks=true&resourceVersion=7"
            "&timeoutSeconds=300&fieldSelector=metadata.name%3Dtls");
  EXPECT_EQ(watch_target({ObjectKind::service, "", ""},
                         {.initial_events = true, .timeout = seconds(400)}),
            "/api/v1/services?watch=true&allowWatchBookmarks=true&resourceVersion="
            "&timeoutSeconds=400&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
  EXPECT_EQ(watch_target({ObjectKind::config_map, "n", "c"}, {.timeout = seconds(1)}),
            "/api/v1/namespaces/n/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion="
            "&timeoutSeconds=1&fieldSelector=metadata.name%3Dc");
  EXPECT_EQ(core_target("services", {"shop", "a"}), "/api/v1/namespaces/shop/services/a");
  EXPECT_EQ(core_target("secrets", {"shop", ""}), "/api/v1/namespaces/shop/secrets");
}

TEST(Paths, ObjectNames) {
  for (const char* good : {"a", "a-b", "a.b-c.d", "0", "x1"})
    EXPECT_TRUE(is_object_name(good)) << good;
  for (const char* bad :
       {"", "A", "a_b", "a/b", ".a", "a.", "-a", "a-", "a..b", "a.-b", "a b", "a,b", "a%2e"}) {
    EXPECT_FALSE(is_object_name(bad)) << bad;
  }
  EXPECT_FALSE(is_object_name(std::string(254, 'a')));
}

}  // namespace
}  // namespace ropewalk::controller::kube
