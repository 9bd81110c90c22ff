#include "dataplane/configsync/resource_table.h"
#include "tests/sync/resources.h"

#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>

namespace ropewalk::configsync {
namespace {

using namespace sync_test;
using sync::v1::Acknowledgement;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::int64_t kBad = 666;  // a timeout that check() refuses

class ResourceTableTest : public testing::Test {
 protected:
  ResourceTableTest()
      : table_([](const Resource& resource) {
          const bool bad = resource.endpoint().timeout_ns() == kBad ||
                           resource.backend().url_pattern() == "/v666";
          return std::string(bad ? "bad value" : "");
        }) {}

  // Puts a transaction into force; `refuse` says what the Applier refuses of a set.
  Acknowledgement run(std::vector<Resource> upserts, std::vector<std::string> removals = {}) {
    Transaction transaction;
    transaction.revision = ++revision_;
    for (auto& resource : upserts) transaction.upserts.push_back(shared(std::move(resource)));
    transaction.removals = std::move(removals);
    auto step = table_.begin(std::move(transaction));
    applies_.clear();
    while (step.apply) {
      EXPECT_TRUE(table_.busy());
      applies_.push_back(*step.apply);
      step = table_.applied(refuse_ ? refuse_(step.apply->all) : std::vector<Refusal>());
    }
    EXPECT_FALSE(table_.busy());
    EXPECT_EQ(step.acknowledgement->revision(), revision_);
    return *step.acknowledgement;
  }

  static std::vector<std::string> applied(const Acknowledgement& acknowledgement) {
    std::vector<std::string> out;
    for (const auto& held : acknowledgement.applied()) out.push_back(held.name());
    return out;
  }
  // "name: message", with " (kept)" when an earlier version goes on.
  static std::vector<std::string> rejected(const Acknowledgement& acknowledgement) {
    std::vector<std::string> out;
    for (const auto& rejection : acknowledgement.rejected())
      out.push_back(rejection.name() + ": " + rejection.message() +
                    (rejection.serves_last_good() ? " (kept)" : ""));
    return out;
  }
  std::vector<std::string> served() const {
    std::vector<std::string> out;
    for (const auto& entry : table_.in_force()) out.push_back(entry.first);
    return out;
  }
  std::string hash(const std::string& name) const {
    const auto found = table_.in_force().find(name);
    return found == table_.in_force().end() ? "" : found->second->hash();
  }

  const std::string a_ = endpoint_name("/a");
  ResourceTable table_;
  std::function<std::vector<Refusal>(const ResourceMap&)> refuse_;
  std::vector<ResourceTable::Apply> applies_;
  std::uint64_t revision_ = 0;

  void serve_a() {
    run({endpoint("/a", {"backend/a"}), backend("backend/a", "hosts/a"), host_set("hosts/a")});
    ASSERT_THAT(served(), ElementsAre("backend/a", a_, "hosts/a"));
  }
};

TEST_F(ResourceTableTest, AppliesAndAcknowledges) {
  const auto ack =
      run({endpoint("/a", {"backend/a"}), backend("backend/a", "hosts/a"), host_set("hosts/a")});
  EXPECT_THAT(applied(ack), UnorderedElementsAre(a_, "backend/a", "hosts/a"));
  EXPECT_THAT(rejected(ack), IsEmpty());
  ASSERT_EQ(applies_.size(), 1u);
  EXPECT_FALSE(applies_[0].host_sets_only);
  const auto gone = run({}, {a_, "backend/a", "hosts/a"});
  EXPECT_EQ(gone.removed_size(), 3);
  EXPECT_THAT(served(), IsEmpty());
}

TEST_F(ResourceTableTest, AnEmptyFirstSetIsPutIntoForceOnce) {
  run({});
  EXPECT_EQ(applies_.size(), 1u);
  run({});
  EXPECT_EQ(applies_.size(), 0u);
}

TEST_F(ResourceTableTest, HostSetsAloneAreNotCompiled) {
  serve_a();
  const auto ack = run({host_set("hosts/a", 2)});
  ASSERT_EQ(applies_.size(), 1u);
  EXPECT_TRUE(applies_[0].host_sets_only);
  EXPECT_EQ(applies_[0].all.at("hosts/a")->host_set().hosts(0).address(), "10.0.0.2");
  EXPECT_THAT(applied(ack), ElementsAre("hosts/a"));
  EXPECT_EQ(hash("hosts/a"), host_set("hosts/a", 2).hash());
  run({host_set("hosts/b")});
  EXPECT_TRUE(applies_.at(0).host_sets_only);
  run({host_set("hosts/a", 3), endpoint("/a", {"backend/a"}, 2)});
  EXPECT_FALSE(applies_.at(0).host_sets_only);
}

TEST_F(ResourceTableTest, WhatTheDataPlaneDoesNotKnowIsRefused) {
  Resource skewed = endpoint("/a", {});
  skewed.GetReflection()->MutableUnknownFields(&skewed)->AddVarint(99, 1);
  Resource kindless;
  kindless.set_name("odd");
  kindless.set_hash("x");
  const auto ack = run({skewed, kindless, host_set("hosts/a")});
  EXPECT_THAT(rejected(ack),
              UnorderedElementsAre(
                  a_ + ": field 99 is not known to this data plane; it needs a newer version",
                  "odd: the resource is empty"));
  EXPECT_THAT(served(), ElementsAre("hosts/a"));
}

TEST_F(ResourceTableTest, ABadVersionKeepsTheLastGoodAndTheRestGoesLive) {
  serve_a();
  const auto ack = run({endpoint("/a", {"backend/a"}, kBad), endpoint("/b", {"backend/b"}),
                        backend("backend/b", "hosts/b"), host_set("hosts/b")});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": bad value (kept)"));
  EXPECT_EQ(ack.rejected(0).hash(), endpoint("/a", {"backend/a"}, kBad).hash());
  EXPECT_EQ(hash(a_), endpoint("/a", {"backend/a"}).hash());
  EXPECT_EQ(hash(endpoint_name("/b")), endpoint("/b", {"backend/b"}).hash());
}

TEST_F(ResourceTableTest, WithoutALastGoodVersionNothingIsServed) {
  const auto ack = run({endpoint("/a", {}, kBad)});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": bad value"));
  EXPECT_THAT(served(), IsEmpty());
}

TEST_F(ResourceTableTest, TheLastGoodVersionKeepsWhatItReferencesThoughRemoved) {
  serve_a();
  const auto ack = run({endpoint("/a", {"backend/new"}, kBad), backend("backend/new", "hosts/new"),
                        host_set("hosts/new")},
                       {"backend/a", "hosts/a"});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": bad value (kept)"));
  EXPECT_EQ(ack.removed_size(), 2);
  EXPECT_THAT(served(), ElementsAre("backend/a", "backend/new", a_, "hosts/a", "hosts/new"));

  // Once a good version comes, what was kept for the old one goes.
  const auto later = run({endpoint("/a", {"backend/new"}, 2)});
  EXPECT_THAT(applied(later), ElementsAre(a_));
  EXPECT_THAT(served(), ElementsAre("backend/new", a_, "hosts/new"));
}

TEST_F(ResourceTableTest, AChangedBackendWaitsForItsRefusedEndpoint) {
  serve_a();
  const auto ack = run({endpoint("/a", {"backend/a"}, kBad), backend("backend/a", "hosts/b", 2),
                        host_set("hosts/b")},
                       {"hosts/a"});
  EXPECT_THAT(rejected(ack), UnorderedElementsAre(a_ + ": bad value (kept)",
                                                  "backend/a: waits for " + a_ +
                                                      ", which was refused: bad value (kept)"));
  EXPECT_EQ(hash("backend/a"), backend("backend/a", "hosts/a").hash());
  EXPECT_THAT(served(), ElementsAre("backend/a", a_, "hosts/a", "hosts/b"));

  const auto later = run({endpoint("/a", {"backend/a"}, 2)});
  EXPECT_THAT(applied(later), UnorderedElementsAre(a_, "backend/a"));
  EXPECT_EQ(hash("backend/a"), backend("backend/a", "hosts/b", 2).hash());
  EXPECT_THAT(served(), ElementsAre("backend/a", a_, "hosts/b"));
}

TEST_F(ResourceTableTest, ANewUserOfTheBackendWins) {
  serve_a();
  const auto ack = run({endpoint("/a", {"backend/a"}, kBad), backend("backend/a", "hosts/a", 2),
                        endpoint("/b", {"backend/a"})});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": bad value (kept)"));
  EXPECT_EQ(hash("backend/a"), backend("backend/a", "hosts/a", 2).hash());
}

TEST_F(ResourceTableTest, AddressesAndCertificatesAreNeverHeldBack) {
  Resource secured = endpoint("/a", {"backend/a"});
  secured.mutable_endpoint()->set_tls_secret("tls/shop/cert");
  secured = hashed(secured);
  run({secured, backend("backend/a", "hosts/a"), host_set("hosts/a"), tls_secret("tls/shop/cert")});
  run({endpoint("/a", {"backend/a"}, kBad), host_set("hosts/a", 2),
       tls_secret("tls/shop/cert", 2)});
  EXPECT_EQ(hash(a_), secured.hash());
  EXPECT_EQ(hash("hosts/a"), host_set("hosts/a", 2).hash());
  EXPECT_EQ(hash("tls/shop/cert"), tls_secret("tls/shop/cert", 2).hash());
  run({}, {"tls/shop/cert"});
  EXPECT_EQ(hash("tls/shop/cert"), tls_secret("tls/shop/cert", 2).hash());
}

TEST_F(ResourceTableTest, AMissingCertificateDoesNotTakeTheRouteAway) {
  Resource secured = endpoint("/a", {});
  secured.mutable_endpoint()->set_tls_secret("tls/shop/none");
  const auto ack = run({hashed(secured)});
  EXPECT_THAT(applied(ack), ElementsAre(a_));
}

TEST_F(ResourceTableTest, ServiceSettingsKeepTheirCertificates) {
  Resource service;
  service.set_name("service");
  service.mutable_service()->mutable_tls()->add_secrets("tls/default");
  run({hashed(service), tls_secret("tls/default")});
  const auto ack = run({}, {"tls/default"});
  EXPECT_EQ(ack.removed_size(), 1);
  EXPECT_THAT(served(), ElementsAre("service", "tls/default"));
}

TEST_F(ResourceTableTest, DanglingReferencesAreRefusedUntilTheyCome) {
  const auto ack = run({endpoint("/a", {"backend/a"})});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": refers to backend/a, which does not exist"));
  const auto later = run({backend("backend/a", "hosts/a"), host_set("hosts/a")});
  EXPECT_THAT(applied(later), UnorderedElementsAre(a_, "backend/a", "hosts/a"));
}

TEST_F(ResourceTableTest, ARefusedBackendTakesItsEndpointAlong) {
  const auto ack = run(
      {endpoint("/a", {"backend/a"}), backend("backend/a", "hosts/a", 666), host_set("hosts/a")});
  EXPECT_THAT(rejected(ack), UnorderedElementsAre(a_ + ": backend/a was refused: bad value",
                                                  "backend/a: bad value"));
  EXPECT_THAT(served(), ElementsAre("hosts/a"));
}

TEST_F(ResourceTableTest, NoRouteIsServedWithoutTheSettingsThatProtectIt) {
  Resource service;
  service.set_name("service");
  service.mutable_service()->set_name("strict");
  service = hashed(service);
  refuse_ = [&](const ResourceMap& all) {
    return all.contains("service") ? std::vector<Refusal>{{"service", "a broken gate"}}
                                   : std::vector<Refusal>();
  };
  const auto ack = run({service, endpoint("/a", {})});
  EXPECT_THAT(rejected(ack), UnorderedElementsAre("service: a broken gate",
                                                  a_ + ": service was refused: a broken gate"));
  EXPECT_THAT(served(), IsEmpty());
  refuse_ = nullptr;
  service.mutable_service()->set_name("mended");
  EXPECT_THAT(applied(run({hashed(service)})), UnorderedElementsAre("service", a_));
}

TEST_F(ResourceTableTest, WhatAnUnchangedResourceNeedsIsNotRemovedYet) {
  serve_a();
  const auto ack = run({}, {"backend/a", "hosts/a"});
  EXPECT_EQ(ack.removed_size(), 2);
  EXPECT_THAT(rejected(ack), IsEmpty());
  EXPECT_THAT(served(), ElementsAre("backend/a", a_, "hosts/a"));
  run({}, {a_});
  EXPECT_THAT(served(), IsEmpty());
}

TEST_F(ResourceTableTest, ALastGoodVersionGivesWayToANewClaim) {
  Resource old = endpoint("/a/{id}", {});
  old.set_name("endpoint/old");
  old.mutable_endpoint()->add_hostnames("shop.example");
  old.mutable_endpoint()->add_hostnames("www.shop.example");
  Resource bad = old;
  bad.mutable_endpoint()->set_timeout_ns(kBad);
  Resource claimant = endpoint("/a/{key}", {});
  claimant.set_name("endpoint/new");
  claimant.mutable_endpoint()->add_hostnames("www.shop.example");
  run({hashed(old)});
  const auto ack = run({hashed(bad), hashed(claimant)});
  EXPECT_THAT(rejected(ack), ElementsAre("endpoint/old: bad value; its earlier version gave way to "
                                         "endpoint/new"));
  EXPECT_THAT(served(), ElementsAre("endpoint/new"));
}

TEST_F(ResourceTableTest, WhatTheApplierRefusesKeepsItsLastGoodVersion) {
  serve_a();
  const std::string newer = endpoint("/a", {"backend/a"}, 2).hash();
  refuse_ = [&](const ResourceMap& all) {
    const auto found = all.find(a_);
    return found != all.end() && found->second->hash() == newer
               ? std::vector<Refusal>{{a_, "a conflict"}}
               : std::vector<Refusal>();
  };
  const auto ack = run({endpoint("/a", {"backend/a"}, 2), host_set("hosts/b")});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": a conflict (kept)"));
  EXPECT_EQ(applies_.size(), 2u);
  EXPECT_EQ(hash(a_), endpoint("/a", {"backend/a"}).hash());
  EXPECT_EQ(applies_[1].all.at(a_)->hash(), hash(a_));

  // It is not tried again with every change of something else.
  run({host_set("hosts/b", 2)});
  EXPECT_EQ(applies_.size(), 1u);
  run({tls_secret("tls/x")});
  EXPECT_EQ(applies_.size(), 1u);
  refuse_ = nullptr;
  const auto retried = run({endpoint("/other", {})});
  EXPECT_THAT(applied(retried), UnorderedElementsAre(a_, endpoint_name("/other")));
  EXPECT_EQ(hash(a_), newer);
}

TEST_F(ResourceTableTest, AConflictEndsWhenTheOtherGoes) {
  refuse_ = [&](const ResourceMap& all) {
    return all.contains("endpoint/1") && all.contains("endpoint/2")
               ? std::vector<Refusal>{{"endpoint/2", "conflicts with endpoint/1"}}
               : std::vector<Refusal>();
  };
  Resource first = endpoint("/a/{x}", {});
  first.set_name("endpoint/1");
  Resource second = endpoint("/a/{y}", {});
  second.set_name("endpoint/2");
  const auto ack = run({hashed(first), hashed(second)});
  EXPECT_THAT(rejected(ack), ElementsAre("endpoint/2: conflicts with endpoint/1"));
  EXPECT_EQ(applies_.size(), 2u) << "a set with a refusal in it does not go into force";
  const auto later = run({}, {"endpoint/1"});
  EXPECT_THAT(applied(later), ElementsAre("endpoint/2"));
}

TEST_F(ResourceTableTest, AVersionThatIsRefusedLaterIsNotServedAnyMore) {
  serve_a();
  refuse_ = [&](const ResourceMap& all) {
    return all.contains(a_) && all.contains(endpoint_name("/b"))
               ? std::vector<Refusal>{{a_, "shadowed"}}
               : std::vector<Refusal>();
  };
  const auto ack = run({endpoint("/b", {})});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": shadowed"));
  EXPECT_THAT(served(), ElementsAre("backend/a", endpoint_name("/b"), "hosts/a"));
}

TEST_F(ResourceTableTest, AnApplierThatRefusesEverythingEnds) {
  refuse_ = [](const ResourceMap& all) {
    std::vector<Refusal> out{{"nobody", "unknown name"}};
    for (const auto& entry : all) out.push_back({entry.first, ""});
    return out;
  };
  const auto ack = run({endpoint("/a", {}), host_set("hosts/a")});
  EXPECT_THAT(rejected(ack),
              ElementsAre(a_ + ": it cannot be served", "hosts/a: it cannot be served"));
  EXPECT_THAT(served(), IsEmpty());
}

TEST_F(ResourceTableTest, ARestartReportsWhatIsInForce) {
  serve_a();
  run({endpoint("/a", {"backend/a"}, kBad)}, {"backend/a"});
  table_.restart();
  std::vector<std::string> held;
  for (const auto& entry : table_.held()) held.push_back(entry.name() + "=" + entry.hash());
  EXPECT_THAT(held, ElementsAre("backend/a=" + hash("backend/a"),
                                a_ + "=" + endpoint("/a", {"backend/a"}).hash(),
                                "hosts/a=" + hash("hosts/a")));
  EXPECT_THAT(table_.troubled(), IsEmpty());
  // The same refused version comes again over the new stream, and so does its answer.
  const auto ack = run({endpoint("/a", {"backend/a"}, kBad)}, {"backend/a"});
  EXPECT_THAT(rejected(ack), ElementsAre(a_ + ": bad value (kept)"));
  EXPECT_EQ(ack.removed_size(), 1);
}

}  // namespace
}  // namespace ropewalk::configsync
