// The Kubernetes source as a whole against a fake API server: watches, references, status, Lease,
// certificates.
#include "controller/kube/kubernetes_source.h"

#include "controller/kube/minter.h"
#include "tests/controller_kube/fake_cluster.h"
#include "tests/controller_kube/folder_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class SourceTest : public FolderFixture {
 protected:
  void begin(std::vector<std::string> namespaces = {}) {
    ClusterConfig config = cluster.config();
    config.token_file = token_file;
    KubernetesOptions options{.cluster = std::move(config),
                              .namespaces = std::move(namespaces),
                              .release = "gw",
                              .home_namespace = "infra",
                              .identity = "pod-1",
                              .forbidden_patience = std::chrono::milliseconds(400)};
    if (mint) {
      options.on_certificates = [this](const StreamCertificates& certificates) {
        const std::lock_guard lock(mutex);
        minted.push_back(certificates);
        wake.notify_all();
      };
    }
    auto made = KubernetesSource::create(std::move(options));
    ASSERT_TRUE(made) << made.error().message;
    source = std::move(*made);
    source->start([this](Change change) {
      const std::lock_guard lock(mutex);
      changes.push_back(change);
      changes_when_settled += source->settled() ? 1 : 0;
      config_maps_asked_for = cluster.api().count("GET", "/configmaps");
      wake.notify_all();
    });
  }
  void TearDown() override {
    if (source) source->stop();
  }
  // True as soon as the condition holds after some change.
  template <class Condition>
  bool until(Condition condition) {
    std::unique_lock lock(mutex);
    return wake.wait_for(lock, std::chrono::seconds(20), [&] { return condition(); });
  }
  std::string path_of(const std::string& name) {
    const ObjectSet set = source->snapshot();
    const auto found = set.services.find({"shop", name});
    return found == set.services.end()
               ? "gone"
               : found->second->meta.annotations.at("ropewalk.dev/endpoint");
  }
  ServiceStatus says(const std::string& status, const std::string& message) {
    return {.service = {"shop", "a"},
            .uid = "uid-a",
            .conditions = {{.type = "ropewalk.dev/Accepted",
                            .status = status,
                            .reason = "R",
                            .message = message}}};
  }
  std::string condition_of(const std::string& name) {
    const json object = cluster.object("services", "shop", name);
    if (object.is_null() || !object.contains("status")) return "";
    for (const json& c : object["status"].value("conditions", json::array())) {
      if (c["type"] == "ropewalk.dev/Accepted") return c["message"];
    }
    return "";
  }

  FakeCluster cluster;
  bool mint = false;
  std::string token_file;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Change> changes;
  int changes_when_settled = 0;
  std::size_t config_maps_asked_for = 0;  // at the last change
  std::vector<StreamCertificates> minted;
  std::unique_ptr<KubernetesSource> source;
};

json service_json(const std::string& name, const std::string& path) {
  return {{"metadata",
           {{"namespace", "shop"},
            {"name", name},
            {"uid", "uid-" + name},
            {"annotations", {{"ropewalk.dev/endpoint", path}}}}}};
}

json slice(const std::string& of, const std::string& address) {
  return {{"metadata",
           {{"namespace", "shop"},
            {"name", of + "-1"},
            {"labels", {{"kubernetes.io/service-name", of}}}}},
          {"endpoints", {{{"addresses", {address}}}}}};
}

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

TEST_F(SourceTest, StatusIsWrittenByTheHolderOfTheLease) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish({says("False", "first")}, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "first"; }));
  EXPECT_TRUE(source->leading());
  const json lease = cluster.object("leases", "infra", "gw-controller");
  EXPECT_EQ(lease["spec"]["holderIdentity"], "pod-1");
  // Other hands change it: it is put right.
  json changed = cluster.object("services", "shop", "a");
  changed["status"]["conditions"][0]["message"] = "forged";
  cluster.put("services", changed);
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "first"; }));
  source->status().publish({says("True", "second")}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "second"; }));
  source->status().publish({}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a").empty(); }));
  source->stop();
  EXPECT_EQ(cluster.object("leases", "infra", "gw-controller")["spec"]["holderIdentity"], "");
}

TEST_F(SourceTest, WhoIsContradictedAnswersLaterEachTime) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  testing::internal::CaptureStderr();
  source->status().publish({says("True", "ours")}, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "ours"; }));
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < 4; ++round) {
    json changed = cluster.object("services", "shop", "a");
    changed["status"]["conditions"][0]["message"] = "theirs";
    cluster.put("services", changed);
    ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "ours"; }));
  }
  // 200, 400, 800 and 1,600 ms.
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(3000));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("gateway.name"));
  EXPECT_EQ(log.find("others write over"), log.rfind("others write over")) << "said once";
}

TEST_F(SourceTest, AWatchThatIsBehindContradictsNobody) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ServiceStatus of_b = says("True", "b");
  of_b.service.name = "b";
  of_b.uid = "uid-b";
  const auto say = [&](const std::string& message) {
    source->status().publish({says("True", message), of_b}, {});
    return cluster.until([&] { return condition_of("a") == message; });
  };
  ASSERT_TRUE(say("first"));
  testing::internal::CaptureStderr();
  cluster.hold_watches("services");
  ASSERT_TRUE(say("second"));
  cluster.put("services", service_json("b", "/2"));
  ASSERT_TRUE(say("third"));
  // The Service that appeared shows that both were compared; of a the watch shows the second.
  cluster.release(2);
  EXPECT_TRUE(cluster.until([&] { return condition_of("b") == "b"; }));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(HasSubstr("others write over")));
}

TEST_F(SourceTest, AConflictReadsAgain) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.conflict_once();
  source->status().publish({says("True", "wanted")}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "wanted"; }));
  EXPECT_GE(cluster.api().count("PATCH", "/services/a/status"), 2u);
  EXPECT_EQ(cluster.api().count("GET", "/namespaces/shop/services/a"), 1u);
}

TEST_F(SourceTest, OneConflictAfterTheOtherIsNoFailure) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  cluster.conflicts(2);
  testing::internal::CaptureStderr();
  source->status().publish({says("True", "wanted")}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("a") == "wanted"; }));
  EXPECT_EQ(cluster.api().count("PATCH", "/services/a/status"), 3u);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(HasSubstr("cannot write")));
}

TEST_F(SourceTest, AnOutageIsToldOnceAndLeavesNoWaits) {
  std::vector<ServiceStatus> wish;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "s" + std::to_string(i);
    cluster.put("services", service_json(name, "/" + name));
    wish.push_back(says("True", "first"));
    wish.back().service.name = name;
    wish.back().uid = "uid-" + name;
  }
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish(wish, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("s29") == "first"; }));
  testing::internal::CaptureStderr();
  cluster.api().stop();
  for (ServiceStatus& status : wish) status.conditions[0].message = "second";
  source->status().publish(wish, {});
  ASSERT_TRUE(cluster.until([&] { return !source->problems().empty(); }));
  cluster.api().start();
  EXPECT_TRUE(cluster.until([&] {
    return std::ranges::all_of(wish, [&](const ServiceStatus& status) {
      return condition_of(status.service.name) == "second";
    });
  }));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::Not(HasSubstr("cannot write status")));
  EXPECT_EQ(log.find("no status can be"), log.rfind("no status can be"));
}

TEST_F(SourceTest, LeftoversOfThisGatewayGoAndThoseOfOthersStay) {
  const auto service = [](const std::string& name, const std::string& writer, bool annotated) {
    json out = service_json(name, "/" + name);
    if (annotated)
      out["metadata"]["annotations"]["ropewalk.dev/gateway"] = "another";
    else
      out["metadata"].erase("annotations");
    out["status"]["conditions"] = {{{"type", "ropewalk.dev/Accepted"},
                                    {"status", "True"},
                                    {"reason", "R"},
                                    {"message", signed_message("m", writer, "1f")}}};
    return out;
  };
  cluster.put("services", service("moved", "default", true));
  cluster.put("services", service("theirs", "another", true));
  cluster.put("services", service("left", "default", false));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish({}, {});
  EXPECT_TRUE(
      cluster.until([&] { return condition_of("moved").empty() && condition_of("left").empty(); }));
  EXPECT_FALSE(condition_of("theirs").empty());
}

TEST_F(SourceTest, AServiceThatAnotherGatewayHasByNowKeepsItsWords) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("services", service_json("b", "/2"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ServiceStatus of_b = says("True", signed_message("b", "default", "1f"));
  of_b.service.name = "b";
  of_b.uid = "uid-b";
  source->status().publish({says("True", signed_message("a", "default", "1f")), of_b}, {});
  ASSERT_TRUE(
      cluster.until([&] { return !condition_of("a").empty() && !condition_of("b").empty(); }));
  cluster.conflict_once();  // what we see of it is old
  json changed = cluster.object("services", "shop", "a");
  const std::string theirs = signed_message("a", "another", "1f");
  changed["status"]["conditions"][0]["message"] = theirs;
  cluster.put("services", changed);
  source->status().publish({}, {});
  EXPECT_TRUE(cluster.until([&] { return condition_of("b").empty(); }));
  EXPECT_EQ(condition_of("a"), theirs);
}

TEST_F(SourceTest, AnUndecidedConditionStaysAsItIs) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ServiceStatus status = says("True", "first");
  source->status().publish({status}, {});
  ASSERT_TRUE(cluster.until([&] { return condition_of("a") == "first"; }));
  EXPECT_EQ(source->status().standing(), Standing::leads);
  status.undecided = {status.conditions[0].type};
  status.conditions[0].type = "ropewalk.dev/Programmed";
  source->status().publish({status}, {});
  ASSERT_TRUE(cluster.until(
      [&] { return cluster.object("services", "shop", "a")["status"]["conditions"].size() == 2; }));
  EXPECT_EQ(condition_of("a"), "first");
}

TEST_F(SourceTest, WhoHasPublishedNothingDoesNotTakeTheLease) {
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  ASSERT_TRUE(cluster.api().until([](const auto& requests) {
    return std::ranges::count_if(requests, [](const FakeRequest& r) {
             return r.target.find("/leases/gw-controller") != std::string::npos;
           }) >= 2;
  }));
  EXPECT_FALSE(source->leading());
  EXPECT_EQ(source->status().standing(), Standing::unclear);
  source->status().publish({}, {});
  ASSERT_TRUE(until([&] { return source->leading(); }));
}

TEST_F(SourceTest, WhoDoesNotHoldTheLeaseWritesNothing) {
  cluster.put("services", service_json("a", "/1"));
  cluster.put("leases", {{"metadata", {{"namespace", "infra"}, {"name", "gw-controller"}}},
                         {"spec", {{"holderIdentity", "pod-2"}, {"leaseDurationSeconds", 15}}}});
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  source->status().publish({says("True", "m")}, {});
  ASSERT_TRUE(cluster.api().until([](const auto& requests) {
    return std::ranges::count_if(requests, [](const FakeRequest& r) {
             return r.target.find("/leases/") != std::string::npos;
           }) >= 2;
  }));
  EXPECT_FALSE(source->leading());
  EXPECT_EQ(source->status().standing(), Standing::stands_by);
  EXPECT_EQ(cluster.api().count("PATCH", ""), 0u);
}

TEST_F(SourceTest, EventsAreWrittenOnce) {
  cluster.put("services", service_json("a", "/1"));
  begin();
  ASSERT_TRUE(until([&] { return source->settled(); }));
  const ServiceEvent event{
      .service = {"shop", "a"}, .uid = "uid-a", .reason = "Broken", .message = "why"};
  source->status().publish({}, {event});
  source->status().publish({}, {event});
  ASSERT_TRUE(cluster.until([&] { return cluster.all("events").size() == 1; }));
  EXPECT_EQ(cluster.all("events")[0]["note"], "why");
  source->status().publish({}, {});
  source->status().publish({}, {event});
  ASSERT_TRUE(cluster.until([&] { return cluster.all("events")[0].contains("series"); }));
  EXPECT_EQ(cluster.all("events")[0]["series"]["count"], 2);
  EXPECT_EQ(cluster.api().count("POST", "/events"), 2u) << "the second one met 409";
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
