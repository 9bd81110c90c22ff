// The Kubernetes source as a whole against a fake API server: watches, references, certificates.
#include "controller/kube/minter.h"
#include "tests/controller_kube/source_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST_F(SourceTest, CompleteViewFirstThenChanges) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("endpointslices", slice("a", "192.0.2.1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  EXPECT_EQ(changes.front(), Change::objects);
  EXPECT_EQ(cluster.api().count("GET", "/api/v1/namespaces?"), 0u) << "nothing depends on them";
  EXPECT_EQ(path_of("a"), "/1");
  EXPECT_EQ(source->snapshot().endpoint_slices.size(), 1u);
  EXPECT_TRUE(source->problems().empty());
  {
    const std::lock_guard lock(mutex);
    changes.clear();
  }
  cluster.put("endpointslices", slice("a", "192.0.2.2"));
  ASSERT_TRUE(until([&] { return !changes.empty(); }));
  EXPECT_EQ(changes.front(), Change::endpoints);
  cluster.put("services", service_json("a", "/2"));
  EXPECT_TRUE(until([&] { return path_of("a") == "/2"; }));
  cluster.remove("services", "shop", "a");
  EXPECT_TRUE(until([&] { return path_of("a") == "gone"; }));
}

TEST_F(SourceTest, NothingIsReportedBeforeTheViewIsComplete) {
  cluster.put("services", service_json("a", "/1"));
  cluster.refuse("endpointslices", 403);
  begin();
  ASSERT_TRUE(cluster.api().until([](const auto& requests) {
    return std::ranges::count_if(requests, [](const FakeRequest& r) {
             return r.target.find("endpointslices") != std::string::npos;
           }) >= 3;
  }));
  EXPECT_FALSE(source->settled());
  {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(changes.empty());
  }
  ASSERT_EQ(source->problems().size(), 1u);
  EXPECT_EQ(source->problems()[0].where, "EndpointSlices");
  EXPECT_THAT(source->problems()[0].message, HasSubstr("403"));
  cluster.refuse("endpointslices", 0);
  EXPECT_TRUE(until([&] { return source->settled(); }));
}

TEST_F(SourceTest, ARestartLosesNothing) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("services", service_json("b", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.api().stop();
  cluster.put("services", service_json("a", "/2"));
  cluster.remove("services", "shop", "b");
  cluster.expire();  // the log of changes is gone too: 410
  cluster.api().start();
  EXPECT_TRUE(until([&] { return path_of("a") == "/2" && path_of("b") == "gone"; }));
  cluster.put("services", service_json("a", "/3"));
  EXPECT_TRUE(until([&] { return path_of("a") == "/3"; }));
}

TEST_F(SourceTest, ARotatedTokenIsReadAfterTheFirstRefusal) {
  cluster.put("services", service_json("a", "/1"));
  cluster.demand_token("second");
  token_file = write("token", "first");
  begin();
  ASSERT_TRUE(cluster.api().until([](const auto& requests) { return requests.size() >= 4; }));
  EXPECT_FALSE(source->settled());
  write("token", "second");
  EXPECT_TRUE(until([&] { return source->settled(); }));
}

TEST_F(SourceTest, ServersWithoutWatchListAreListed) {
  cluster.without_watch_list();
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  EXPECT_EQ(path_of("a"), "/1");
  cluster.put("services", service_json("a", "/2"));
  EXPECT_TRUE(until([&] { return path_of("a") == "/2"; }));
}

TEST_F(SourceTest, WatchedNamespacesHaveAWatchEach) {
  cluster.put("services", service_json("a", "/1"));
  begin({"shop", "other", "shop"});
  ASSERT_TRUE(until([&] { return source->settled(); }));
  EXPECT_EQ(path_of("a"), "/1");
  EXPECT_EQ(cluster.api().count("GET", "/api/v1/namespaces/shop/services"), 1u);
  EXPECT_EQ(cluster.api().count("GET", "/namespaces/other/endpointslices"), 1u);
  EXPECT_EQ(cluster.api().count("GET", "/api/v1/services"), 0u);
  EXPECT_EQ(cluster.api().count("GET", "/api/v1/namespaces?"), 0u);
}

TEST_F(SourceTest, ANamespaceThatMayNotBeReadDoesNotKeepOthersWaiting) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("services", {{"metadata", {{"namespace", "gone"}, {"name", "g"}}}});
  cluster.refuse("gone/endpointslices", 403);
  testing::internal::CaptureStderr();
  begin({"shop", "gone"});
  ASSERT_TRUE(until([&] { return source->settled(); }));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("a watched namespace may not be"));
  EXPECT_EQ(path_of("a"), "/1");
  const ObjectSet set = source->snapshot();
  EXPECT_THAT(set.unreadable_namespaces, testing::ElementsAre("gone"));
  EXPECT_FALSE(set.services.contains({"gone", "g"})) << "half a view is none";
  EXPECT_EQ(source->problems().front().where, "namespace gone");
  cluster.refuse("gone/endpointslices", 0);
  ASSERT_TRUE(until([&] { return source->snapshot().unreadable_namespaces.empty(); }));
  EXPECT_TRUE(source->snapshot().services.contains({"gone", "g"}));
  EXPECT_TRUE(source->settled());
}

TEST_F(SourceTest, WhereNothingMayBeReadNothingIsSettled) {
  cluster.refuse("shop/services", 403);
  cluster.refuse("other/services", 403);
  cluster.refuse("shop/endpointslices", 403);
  cluster.refuse("other/endpointslices", 403);
  begin({"shop", "other"});
  ASSERT_TRUE(cluster.api().until([](const auto& requests) { return requests.size() >= 40; }));
  EXPECT_FALSE(source->settled());
  EXPECT_TRUE(source->snapshot().unreadable_namespaces.empty());
}

TEST_F(SourceTest, ReferencesAreWatchedByNameUntilDropped) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("secrets", {{"metadata", {{"namespace", "shop"}, {"name", "tls"}}},
                          {"data", {{"tls.crt", "QQ=="}}}});
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->set_references({{"shop", "tls"}, {"shop", "none"}, {"shop", "Bad Name"}}, {});
  EXPECT_FALSE(source->settled()) << "what is referenced is not known yet";
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ObjectSet set = source->snapshot();
  EXPECT_EQ(set.secrets.at({"shop", "tls"})->data.at("tls.crt"), "A");
  EXPECT_EQ(set.unreadable_secrets.at({"shop", "none"}), "does not exist");
  EXPECT_EQ(set.unreadable_secrets.at({"shop", "Bad Name"}), "not a valid name");
  EXPECT_EQ(cluster.api().count("GET", "fieldSelector=metadata.name%3Dtls"), 1u);
  cluster.put("secrets", {{"metadata", {{"namespace", "shop"}, {"name", "none"}}}});
  EXPECT_TRUE(until([&] { return source->snapshot().secrets.contains({"shop", "none"}); }));
  EXPECT_FALSE(source->snapshot().unreadable_secrets.contains({"shop", "none"}));
  source->set_references({}, {});
  EXPECT_TRUE(until([&] {
    const ObjectSet now = source->snapshot();
    return now.secrets.empty() && now.unreadable_secrets.empty();
  }));
}

TEST_F(SourceTest, AReferenceWithoutAnswerIsWaitedForAndReported) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("secrets", {{"metadata", {{"namespace", "shop"}, {"name", "tls"}}}});
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->set_references({{"shop", "tls"}}, {});
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.never_answer("configmaps");
  {
    const std::lock_guard lock(mutex);
    changes_when_settled = 0;
  }
  // The Secret is known already: that alone settles nothing.
  source->set_references({{"shop", "tls"}}, {{"shop", "ca"}});
  EXPECT_TRUE(until([&] { return changes_when_settled == 1; }))
      << "whoever waited is told when the patience is over";
  EXPECT_EQ(config_maps_asked_for, 1u) << "not before";
}

TEST_F(SourceTest, EverNewReferencesDoNotKeepItFromSettling) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.never_answer("secrets");
  const auto names_another = [&](int number) {
    source->set_references({{"shop", "s" + std::to_string(number)}}, {});
    std::unique_lock lock(mutex);
    // As often as somebody may edit an annotation, and more often than the patience ends.
    return wake.wait_for(lock, std::chrono::milliseconds(500),
                         [&] { return changes_when_settled > 1; });
  };
  int number = 0;
  while (number < 40 && !names_another(number)) ++number;
  EXPECT_LT(number, 40);
}

TEST_F(SourceTest, AReferenceThatMayNotBeReadIsNamedAndDoesNotBlock) {
  cluster.put("services", service_json("a", "/1"));
  cluster.refuse("secrets", 403);
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->set_references({{"shop", "tls"}}, {});
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ASSERT_TRUE(until([&] { return source->snapshot().unreadable_secrets.size() == 1; }));
  EXPECT_THAT(source->snapshot().unreadable_secrets.at({"shop", "tls"}),
              HasSubstr("may not read Secrets in namespace shop"));
}

TEST_F(SourceTest, CertificatesAreMadeAndHandedOver) {
  mint = true;
  begin();
  ASSERT_TRUE(until([&] { return minted.size() == 1; }));
  EXPECT_THAT(minted[0].certificate_pem, HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(minted[0].key_pem, HasSubstr("BEGIN PRIVATE KEY"));
  for (const char* name : {"gw-ca", "gw-controller-tls", "gw-dataplane-tls"}) {
    const json secret = cluster.object("secrets", "infra", name);
    ASSERT_FALSE(secret.is_null()) << name;
    EXPECT_EQ(secret["type"], "kubernetes.io/tls");
  }
  // A second replica finds them and takes the same.
  const StreamCertificates first = minted[0];
  source->stop();
  begin();
  ASSERT_TRUE(until([&] { return minted.size() == 2; }));
  EXPECT_EQ(minted[1], first);
  EXPECT_EQ(cluster.api().count("POST", "/secrets"), 3u);
}

}  // namespace
}  // namespace ropewalk::controller::kube
