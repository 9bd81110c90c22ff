#include "tests/sync/session_world.h"

namespace ropewalk::controller {
namespace {

using testing::ElementsAre;

TEST_F(SessionTest, AHeldNameStaysAsItIsServed) {
  report(hello());
  publish(set_a_);
  settle();
  const Resource held = problem("/a");
  publish({backend_a_, held, hosts_a_}, {held.name()});
  nothing_to_send();
  publish({backend_a_, hosts_a_}, {held.name()});
  nothing_to_send();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), hosts_a_});
  EXPECT_THAT(upserts(next()), ElementsAre(held.name()));
}

TEST_F(SessionTest, AHeldNameThatNeverServedGetsItsProblem) {
  const Resource held = problem("/a");
  report(hello());
  publish({held}, {held.name()});
  const Delta delta = next();
  ASSERT_THAT(upserts(delta), ElementsAre(held.name()));
  EXPECT_EQ(delta.upserts(0).endpoint().problem(), "broken");
  report(answer(delta));
  EXPECT_EQ(session_.applied().at(held.name()), held.hash());

  const Resource other = problem("/a", "broken otherwise");
  publish({other}, {other.name()});
  EXPECT_THAT(upserts(next()), ElementsAre(other.name()));
}

TEST_F(SessionTest, AProblemIsKnownAsSuchAfterAReconnect) {
  const Resource held = problem("/a");
  const auto desired = builder_.build(translation({problem("/a", "new text")}, {held.name()}));
  session_.on_desired(desired);
  const auto earlier = DesiredBuilder().build(translation({held}, {held.name()}));
  report(hello({*earlier->resources.at(held.name())}));
  EXPECT_THAT(upserts(next()), ElementsAre(held.name()));
}

TEST_F(SessionTest, AHeldNameThatLostItsLastGoodVersionGetsItsProblem) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), hosts_a_});
  const Delta refused = next();
  const Resource held = problem("/a");
  publish({backend_a_, held, hosts_a_}, {held.name()});
  report(answer(refused, {held.name()}, false));
  EXPECT_THAT(upserts(next()), ElementsAre(held.name()));
}

TEST_F(SessionTest, AHeldPartGetsItsStandInOnlyWhereItNeverServed) {
  const Resource stand_in = backend("backend/a", "hosts/none");
  publish({stand_in, endpoint_a_, host_set("hosts/none")}, {"backend/a"});
  report(hello(set_a_));
  const Delta known = next();
  EXPECT_THAT(upserts(known), ElementsAre("hosts/none"));
  Session fresh;
  ASSERT_TRUE(fresh.on_report(hello()));
  fresh.on_desired(
      builder_.build(translation({stand_in, endpoint_a_, host_set("hosts/none")}, {"backend/a"})));
  EXPECT_THAT(upserts(*fresh.next()), ElementsAre("backend/a", endpoint_a_.name(), "hosts/none"));
}

TEST_F(SessionTest, RoutesOfAServiceThatCannotBeReadStay) {
  const auto part = [](const std::string& path, const std::string& text) {
    return backend("backend/* GET " + path + "#" + text, "hosts/x");
  };
  const std::vector<Resource> all = {endpoint("/a", {}),           part("/a", "shop/broken"),
                                     part("/a", "shop/other/key"), endpoint("/b", {}),
                                     part("/b", "shop/fine"),      host_set("hosts/x"),
                                     endpoint("/c", {}),           part("/c", "shop/broken/key")};
  report(hello());
  publish(all);
  settle();
  auto broken = translation({endpoint("/c", {}, 2), host_set("hosts/x")});
  broken.held_services = {"shop/broken"};
  session_.on_desired(builder_.build(broken));
  const Delta delta = next();
  EXPECT_THAT(removals(delta),
              ElementsAre(part("/b", "shop/fine").name(), part("/c", "shop/broken/key").name(),
                          endpoint_name("/b")))
      << "/a stays with all its parts, /c is wanted in a version that says what it needs";
  EXPECT_THAT(upserts(delta), ElementsAre(endpoint_name("/c")));
  report(answer(delta));
  publish({host_set("hosts/x")});
  const Delta later = next();
  EXPECT_THAT(removals(later),
              ElementsAre(part("/a", "shop/broken").name(), part("/a", "shop/other/key").name(),
                          endpoint_name("/a"), endpoint_name("/c")));
}

// What shop/a is called by cannot be told; `numbers` are the ports of its only pod, by their names.
Translation choices(const std::string& address, const std::map<std::string, int>& numbers) {
  const auto hosts = [](const std::string& host, int number) {
    Resource out = host_set("hosts/shop/a");
    out.mutable_host_set()->clear_hosts();
    auto& one = *out.mutable_host_set()->add_hosts();
    one.set_address(host);
    one.set_port(static_cast<std::uint32_t>(number));
    out.set_hash(host + std::to_string(number));
    return out;
  };
  Resource none = host_set("hosts/shop/a", 9);
  none.mutable_host_set()->clear_hosts();
  Translation out = translation({none}, {"hosts/shop/a"});
  auto& all = out.host_choices["hosts/shop/a"];
  for (const auto& [name, number] : numbers) all[name] = hosts(address, number);
  return out;
}

TEST_F(SessionTest, HeldAddressesFollowThePortThatTheyAreOf) {
  const auto now = choices("10.0.0.1", {{"web", 80}, {"metrics", 90}});
  report(hello({now.host_choices.at("hosts/shop/a").at("web")}));
  session_.on_desired(builder_.build(now));
  EXPECT_THAT(upserts(next()), testing::IsEmpty()) << "only that it is complete";
}

TEST_F(SessionTest, HeldAddressesMoveWithThePods) {
  const auto now = choices("10.0.0.1", {{"web", 80}, {"metrics", 90}});
  report(hello({now.host_choices.at("hosts/shop/a").at("web")}));
  session_.on_desired(builder_.build(now));
  settle();
  session_.on_desired(builder_.build(choices("10.0.0.2", {{"web", 80}, {"metrics", 90}})));
  Delta moved = next();
  ASSERT_EQ(moved.upserts_size(), 1);
  EXPECT_EQ(moved.upserts(0).host_set().hosts(0).address(), "10.0.0.2");
  EXPECT_EQ(moved.upserts(0).host_set().hosts(0).port(), 80U);
  report(answer(moved));
  session_.on_desired(builder_.build(choices("", {})));
  moved = next();
  ASSERT_EQ(moved.upserts_size(), 1);
  EXPECT_EQ(moved.upserts(0).host_set().hosts_size(), 0);
  report(answer(moved));
  session_.on_desired(builder_.build(choices("10.0.0.3", {{"web", 80}})));
  moved = next();
  ASSERT_EQ(moved.upserts_size(), 1);
  EXPECT_EQ(moved.upserts(0).host_set().hosts(0).address(), "10.0.0.3");
}

TEST_F(SessionTest, HeldAddressesThatNoSliceNamesAreNotCalled) {
  const auto before = choices("10.0.0.1", {{"web", 80}});
  report(hello({before.host_choices.at("hosts/shop/a").at("web")}));
  session_.on_desired(builder_.build(choices("10.0.0.2", {{"web", 80}, {"metrics", 90}})));
  const Delta delta = next();
  ASSERT_EQ(delta.upserts_size(), 1);
  EXPECT_EQ(delta.upserts(0).host_set().hosts_size(), 0);
  report(answer(delta));
  nothing_to_send();
}

TEST_F(SessionTest, HeldAddressesOfTwoPortsAreLeftWhereThesePart) {
  const auto now = choices("10.0.0.1", {{"web", 80}, {"metrics", 80}});
  report(hello({now.host_choices.at("hosts/shop/a").at("web")}));
  session_.on_desired(builder_.build(now));
  settle();
  session_.on_desired(builder_.build(choices("10.0.0.1", {{"web", 80}, {"metrics", 90}})));
  const Delta delta = next();
  ASSERT_EQ(delta.upserts_size(), 1);
  EXPECT_EQ(delta.upserts(0).host_set().hosts_size(), 0);
}

class UnreadableNamespace : public SessionTest {
 protected:
  static Resource part(const std::string& path, const std::string& service, int version = 1) {
    return backend("backend/* GET " + path + "#" + service, "hosts/" + service, version);
  }
  static Resource route(const std::string& path, const std::vector<std::string>& services,
                        int version = 1) {
    std::vector<std::string> backends;
    for (const auto& service : services) backends.push_back(part(path, service).name());
    return endpoint(path, backends, version);
  }
  void publish_without(const std::vector<Resource>& resources, const std::string& unreadable) {
    session_.on_desired(builder_.build(translation(resources), Extent::everything, {unreadable}));
  }
};

TEST_F(UnreadableNamespace, WhatIsServedOfItStaysAndTheRestGoesOn) {
  const std::vector<Resource> of_b = {route("/b", {"b/s"}), part("/b", "b/s"),
                                      host_set("hosts/b/s"), tls_secret("tls/host/b/b.example")};
  const std::vector<Resource> joined = {route("/j", {"a/own", "b/s"}), part("/j", "a/own"),
                                        part("/j", "b/s"), host_set("hosts/a/own")};
  std::vector<Resource> all = {route("/a", {"a/s"}),         part("/a", "a/s"),
                               host_set("hosts/a/s"),        route("/gone", {"a/gone"}),
                               part("/gone", "a/gone"),      host_set("hosts/a/gone"),
                               tls_secret("tls/host/a/gone")};
  all.insert(all.end(), of_b.begin(), of_b.end());
  all.insert(all.end(), joined.begin(), joined.end());

  // A controller that has just begun: of b it sees nothing, and of /j only what a/own says.
  report(hello(all));
  publish_without(
      {route("/a", {"a/s"}, 2), part("/a", "a/s"), host_set("hosts/a/s"), route("/j", {"a/own"}),
       part("/j", "a/own"), host_set("hosts/a/own", 2), route("/b", {"a/younger"}),
       part("/b", "a/younger"), host_set("hosts/a/younger")},
      "b");
  const Delta delta = next();
  EXPECT_THAT(removals(delta), ElementsAre(part("/gone", "a/gone").name(), endpoint_name("/gone"),
                                           "hosts/a/gone", "tls/host/a/gone"));
  EXPECT_THAT(upserts(delta), ElementsAre(part("/b", "a/younger").name(), endpoint_name("/a"),
                                          "hosts/a/own", "hosts/a/younger"))
      << "addresses of a part in another namespace go on, its route stays as it is";
  report(answer(delta));
  nothing_to_send();

  // It can be read again: what it has not any more goes.
  publish({route("/a", {"a/s"}, 2), part("/a", "a/s"), host_set("hosts/a/s")});
  EXPECT_THAT(removals(next()), testing::IsSupersetOf({endpoint_name("/b"), endpoint_name("/j"),
                                                       std::string("hosts/b/s"),
                                                       std::string("tls/host/b/b.example")}));
}

TEST_F(UnreadableNamespace, HostsThatAStayingRouteAsksStay) {
  report(hello({route("/b", {"b/own", "a/joins"}), part("/b", "b/own"), part("/b", "a/joins"),
                host_set("hosts/b/own"), host_set("hosts/a/joins"), host_set("hosts/a/other"),
                endpoint("/static", {})}));
  publish_without({}, "b");
  EXPECT_THAT(removals(next()), ElementsAre("hosts/a/other"));
}

TEST_F(UnreadableNamespace, ADataPlaneWithNothingOfItGetsTheRest) {
  report(hello());
  publish_without({route("/b", {"a/s"}), part("/b", "a/s"), host_set("hosts/a/s")}, "b");
  EXPECT_EQ(upserts(next()).size(), 3u);
}

class KeptParts : public SessionTest {
 protected:
  static Resource part(const std::string& service, int version = 1) {
    return backend("backend/* GET /a#" + service, "hosts/x", version);
  }
  static Resource owner(const std::vector<std::string>& services, int version = 1) {
    std::vector<std::string> backends;
    for (const std::string& service : services) backends.push_back(part(service).name());
    return endpoint("/a", backends, version);
  }
  // shop/b cannot say any more what it joins.
  void lose_b(int version = 1) {
    auto next = translation(
        {owner({"shop/own", "shop/c"}, version), part("shop/own"), part("shop/c"), hosts_});
    next.possible_parts[owner({}).name()] = {{"shop/b", 1}};
    session_.on_desired(builder_.build(next));
  }
  const Resource hosts_ = host_set("hosts/x");
  const std::vector<Resource> all_ = {owner({"shop/own", "shop/b", "shop/c"}), part("shop/own"),
                                      part("shop/b"), part("shop/c"), hosts_};
};

TEST_F(KeptParts, APartThatCannotSayWhatItJoinsStaysInItsPlace) {
  report(hello());
  publish(all_);
  settle();
  lose_b();
  const Delta same = next();
  ASSERT_THAT(upserts(same), ElementsAre(owner({}).name()));
  EXPECT_THAT(removals(same), testing::IsEmpty());
  EXPECT_THAT(same.upserts(0).endpoint().backends(),
              ElementsAre(part("shop/own").name(), part("shop/b").name(), part("shop/c").name()));
  report(answer(same));
  EXPECT_EQ(session_.applied().at(owner({}).name()), owner({"shop/own", "shop/c"}).hash());
  nothing_to_send();

  // The owner's own changes go out meanwhile.
  lose_b(2);
  const Delta changed = next();
  ASSERT_THAT(upserts(changed), ElementsAre(owner({}).name()));
  EXPECT_EQ(changed.upserts(0).endpoint().backends_size(), 3);
  report(answer(changed));

  // It is gone as soon as it is known to be no part.
  publish({owner({"shop/own", "shop/c"}, 2), part("shop/own"), part("shop/c"), hosts_});
  const Delta gone = next();
  EXPECT_THAT(upserts(gone), ElementsAre(owner({}).name()));
  EXPECT_THAT(removals(gone), ElementsAre(part("shop/b").name()));
}

TEST_F(KeptParts, APartThatIsHeldIsAPartWhereItWasOne) {
  auto held = translation({owner({"shop/own", "shop/c"}), part("shop/own"), part("shop/c"), hosts_},
                          {part("shop/b").name()});
  held.possible_parts[owner({}).name()] = {{"shop/b", 1, {part("shop/b").name()}}};
  report(hello());
  publish(all_);
  settle();
  session_.on_desired(builder_.build(held));
  const Delta same = next();
  EXPECT_THAT(removals(same), testing::IsEmpty());
  ASSERT_THAT(upserts(same), ElementsAre(owner({}).name()));
  EXPECT_THAT(same.upserts(0).endpoint().backends(),
              ElementsAre(part("shop/own").name(), part("shop/b").name(), part("shop/c").name()));

  // One that comes later gets it, too, unless the controller has never seen it served.
  const auto backends_of_a_fresh_one = [](const std::shared_ptr<const Desired>& desired) {
    Session fresh;
    EXPECT_TRUE(fresh.on_report(hello()));
    fresh.on_desired(desired);
    std::vector<std::string> out;
    const Delta first = fresh.next().value_or(Delta());
    for (const auto& resource : first.upserts())
      for (const std::string& backend : resource.endpoint().backends()) out.push_back(backend);
    return out;
  };
  EXPECT_THAT(backends_of_a_fresh_one(builder_.build(held)),
              ElementsAre(part("shop/own").name(), part("shop/b").name(), part("shop/c").name()));
  DesiredBuilder began_anew;
  EXPECT_THAT(backends_of_a_fresh_one(began_anew.build(held)),
              ElementsAre(part("shop/own").name(), part("shop/c").name()));
}

TEST_F(KeptParts, AStandInThatNoEndpointNamesGoes) {
  Resource stand_in = part("shop/b");
  stand_in.set_hash("held:1");
  report(hello({owner({"shop/own", "shop/b"}), part("shop/own"), stand_in, hosts_}));
  auto held = translation({owner({"shop/own"}, 2), part("shop/own"), hosts_}, {stand_in.name()});
  held.possible_parts[owner({}).name()] = {{"shop/b", 1, {stand_in.name()}}};
  session_.on_desired(builder_.build(held));
  const Delta delta = next();
  EXPECT_THAT(removals(delta), ElementsAre(stand_in.name()));
  ASSERT_THAT(upserts(delta), ElementsAre(owner({}).name()));
  EXPECT_THAT(delta.upserts(0).endpoint().backends(), ElementsAre(part("shop/own").name()));
}

TEST_F(KeptParts, PartsOfOneServiceKeepTheirOrder) {
  const std::vector<std::string> names = {part("shop/b/z").name(), part("shop/b/a").name()};
  report(hello({owner({"shop/own", "shop/b/z", "shop/b/a"}), part("shop/own"), part("shop/b/z"),
                part("shop/b/a"), hosts_}));
  auto held =
      translation({owner({"shop/own"}, 2), part("shop/own"), hosts_}, {names.begin(), names.end()});
  held.possible_parts[owner({}).name()] = {{"shop/b", 1, names}};
  session_.on_desired(builder_.build(held));
  const Delta delta = next();
  ASSERT_THAT(upserts(delta), ElementsAre(owner({}).name()));
  EXPECT_THAT(delta.upserts(0).endpoint().backends(),
              ElementsAre(part("shop/own").name(), names[0], names[1]));
}

TEST_F(KeptParts, ADataPlaneThatNeverHadThePartDoesNotGetIt) {
  lose_b();
  report(hello());
  const Delta delta = next();
  for (const auto& resource : delta.upserts())
    if (resource.has_endpoint()) EXPECT_EQ(resource.endpoint().backends_size(), 2);
  report(answer(delta));
  nothing_to_send();
}

TEST_F(KeptParts, ALateDataPlaneGetsThePartThatTheOthersKeep) {
  builder_.build(translation(all_));
  lose_b();
  report(hello());
  const Delta delta = next();
  for (const auto& resource : delta.upserts())
    if (resource.has_endpoint()) EXPECT_EQ(resource.endpoint().backends_size(), 3);
  EXPECT_THAT(upserts(delta), testing::Contains(part("shop/b").name()));
  report(answer(delta, {part("shop/b").name(), owner({}).name()}));
  const Delta without = next();
  ASSERT_THAT(upserts(without), ElementsAre(owner({}).name()));
  EXPECT_EQ(without.upserts(0).endpoint().backends_size(), 2);
}

TEST_F(KeptParts, AReconnectResendsNothing) {
  lose_b();
  std::vector<Resource> held = all_;
  held.front() = *with_kept_parts(owner({"shop/own", "shop/c"}), {{part("shop/b").name(), 1}});
  report(hello(held));
  const Delta delta = next();
  EXPECT_THAT(upserts(delta), testing::IsEmpty());
  EXPECT_THAT(removals(delta), testing::IsEmpty());
}

}  // namespace
}  // namespace ropewalk::controller
