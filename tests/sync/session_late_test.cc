// A data plane that comes after a version went that the others keep.
#include "tests/sync/session_world.h"

namespace ropewalk::controller {
namespace {

using testing::ElementsAre;

class LateDataPlane : public SessionTest {
 protected:
  // A data plane that comes after everything that was published.
  Session& late() {
    EXPECT_TRUE(late_.on_report(hello()));
    late_.on_desired(desired_);
    return late_;
  }
  void publish_all(const Translation& translation) { desired_ = builder_.build(translation); }
  void publish_all(std::vector<Resource> resources, std::set<std::string> held = {}) {
    publish_all(translation(std::move(resources), std::move(held)));
  }
  static Resource owned(Resource resource, const std::string& service) {
    auto& origin = *resource.add_origins();
    origin.set_kind("Service");
    origin.set_namespace_("shop");
    origin.set_name(service);
    return resource;
  }
  std::map<std::string, std::string> brought(Session& session) {
    while (auto delta = session.next()) EXPECT_TRUE(session.on_report(answer(*delta)));
    EXPECT_TRUE(session.settled());
    return session.applied();
  }
  std::shared_ptr<const Desired> desired_;
  Session late_;
  const Resource held_ = problem("/a");
};

TEST_F(LateDataPlane, GetsTheLastGoodVersionWithAllThatItNeeds) {
  Resource route = endpoint("/a", {"backend/a"});
  route.mutable_endpoint()->set_tls_secret("tls/a");
  route = hashed(route);
  publish_all({route, backend_a_, hosts_a_, tls_secret("tls/a")});
  // Whatever of it is gone from the translation with the broken annotation; but a Service that is
  // gone has no addresses.
  publish_all({held_}, {held_.name()});
  publish_all({problem("/a", "broken otherwise"), host_set("hosts/x")}, {held_.name()});
  const std::map<std::string, std::string> all = {{route.name(), route.hash()},
                                                  {"backend/a", backend_a_.hash()},
                                                  {"hosts/a", "nobody"},
                                                  {"hosts/x", host_set("hosts/x").hash()},
                                                  {"tls/a", tls_secret("tls/a").hash()}};
  EXPECT_EQ(brought(late()), all);

  // Addresses that are known now go on.
  publish_all({held_, host_set("hosts/a", 2)}, {held_.name()});
  late_.on_desired(desired_);
  EXPECT_EQ(brought(late_).at("hosts/a"), host_set("hosts/a", 2).hash());

  // After a reconnect it is known as the good version; deleted, all of it goes.
  Session again;
  ASSERT_TRUE(
      again.on_report(hello({route, backend_a_, host_set("hosts/a", 2), tls_secret("tls/a")})));
  again.on_desired(desired_);
  const Delta nothing = again.next().value_or(Delta());
  EXPECT_THAT(upserts(nothing), testing::IsEmpty());
  EXPECT_THAT(removals(nothing), testing::IsEmpty());
  publish_all({host_set("hosts/x")});
  EXPECT_TRUE(desired_->last_good.empty());
  late_.on_desired(desired_);
  EXPECT_THAT(brought(late_), ElementsAre(testing::Key("hosts/x")));
}

TEST_F(LateDataPlane, ACertificateThatIsGoneIsGivenToIt) {
  publish_all({tls_secret("tls/host/shop/a")});
  publish_all(translation({}, {"tls/host/shop/a"}));
  EXPECT_THAT(brought(late()), ElementsAre(testing::Key("tls/host/shop/a")));
}

TEST_F(LateDataPlane, ARouteOfAnotherOwnerIsNotTheOneThatWasServed) {
  publish_all({owned(endpoint_a_, "old"), backend_a_, hosts_a_});
  publish_all({owned(held_, "new")}, {held_.name()});
  EXPECT_EQ(brought(late()).at(held_.name()), held_.hash()) << "503";
  EXPECT_EQ(late_.applied().size(), 1u);
}

TEST_F(LateDataPlane, SomethingNewWins) {
  publish_all(set_a_);
  publish_all({held_}, {held_.name()});
  publish_all({endpoint("/a", {"backend/b"}), backend("backend/b", "hosts/a"), hosts_a_});
  EXPECT_TRUE(desired_->last_good.empty());
  EXPECT_THAT(brought(late()), testing::Not(testing::Contains(testing::Key("backend/a"))));
}

TEST_F(LateDataPlane, ThatRefusesTheLastGoodVersionGetsTheProblem) {
  publish_all(set_a_);
  publish_all({held_, backend_a_, hosts_a_}, {held_.name()});
  const Delta delta = late().next().value_or(Delta());
  ASSERT_TRUE(late_.on_report(answer(delta, {held_.name()})));
  const Delta next = late_.next().value_or(Delta());
  ASSERT_THAT(upserts(next), ElementsAre(held_.name()));
  EXPECT_EQ(next.upserts(0).endpoint().problem(), "broken");
  ASSERT_TRUE(late_.on_report(answer(next)));
  EXPECT_FALSE(late_.next());
  publish_all({held_, backend_a_, host_set("hosts/a", 2)}, {held_.name()});
  late_.on_desired(desired_);
  EXPECT_THAT(upserts(late_.next().value_or(Delta())), ElementsAre("hosts/a"));
}

TEST_F(LateDataPlane, GetsRoutesOfAServiceThatCannotSayWhatItClaims) {
  const Resource part = backend("backend/* GET /a#shop/s", "hosts/shop/s");
  const Resource route = endpoint("/a", {part.name()});
  publish_all({route, part, host_set("hosts/shop/s")});
  auto broken = translation({host_set("hosts/shop/s", 2)});
  broken.held_services = {"shop/s"};
  publish_all(broken);
  publish_all(broken);
  const std::map<std::string, std::string> all = {
      {route.name(), route.hash()},
      {part.name(), part.hash()},
      {"hosts/shop/s", host_set("hosts/shop/s", 2).hash()}};
  EXPECT_EQ(brought(late()), all);
}

TEST_F(LateDataPlane, AndOthersLoseARouteThatItsOwnerTookAway) {
  const Resource own = backend("backend/* GET /a#shop/own", "hosts/shop/own");
  const Resource part = backend("backend/* GET /a#shop/s", "hosts/shop/s");
  const Resource route = owned(endpoint("/a", {own.name(), part.name()}), "own");
  const std::vector<Resource> hosts = {host_set("hosts/shop/own"), host_set("hosts/shop/s")};
  report(hello());
  publish({route, own, part, hosts[0], hosts[1]});
  settle();
  publish_all({route, own, part, hosts[0], hosts[1]});
  auto broken = translation({hosts[0], hosts[1]});
  broken.held_services = {"shop/s"};
  for (int i = 0; i < 2; ++i) {
    session_.on_desired(builder_.build(broken));
    publish_all(broken);
  }
  EXPECT_THAT(removals(next()), testing::Contains(route.name()));
  EXPECT_THAT(brought(late()), testing::Not(testing::Contains(testing::Key(route.name()))));
}

TEST_F(LateDataPlane, AControllerThatBeganAnewKnowsNoLastGoodVersion) {
  publish_all({held_}, {held_.name()});
  EXPECT_EQ(brought(late()).at(held_.name()), held_.hash());
}

}  // namespace
}  // namespace ropewalk::controller
