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

}  // namespace
}  // namespace ropewalk::controller
