#include "tests/sync/session_world.h"

namespace ropewalk::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SessionTest, SendsNothingBeforeBothSidesSpoke) {
  nothing_to_send();
  publish(set_a_);
  nothing_to_send();
  report(hello());
  EXPECT_THAT(upserts(next()), ElementsAre("backend/a", endpoint_a_.name(), "hosts/a"));
}

TEST_F(SessionTest, WaitsForTheFirstPublication) {
  report(hello(set_a_));
  nothing_to_send();
  EXPECT_FALSE(session_.settled());
}

TEST_F(SessionTest, OneTransactionAtATimeAndChangesMerge) {
  report(hello());
  publish(set_a_);
  const Delta first = next();
  EXPECT_EQ(first.revision(), 1u);
  EXPECT_TRUE(first.last());
  EXPECT_TRUE(first.complete());
  publish({backend("backend/a", "hosts/a", 2), endpoint_a_, hosts_a_});
  nothing_to_send();
  publish({backend("backend/a", "hosts/a", 3), endpoint_a_, hosts_a_, host_set("hosts/b")});
  nothing_to_send();
  report(answer(first));
  const Delta second = next();
  EXPECT_EQ(second.revision(), 2u);
  EXPECT_THAT(upserts(second), ElementsAre("backend/a", "hosts/b"));
  EXPECT_EQ(second.upserts(0).backend().url_pattern(), "/v3");
  report(answer(second));
  nothing_to_send();
  EXPECT_TRUE(session_.settled());
}

TEST_F(SessionTest, AChangeTakenBackMeanwhileIsNotSent) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend("backend/a", "hosts/a", 2), endpoint_a_, hosts_a_});
  const Delta changed = next();
  publish({backend("backend/a", "hosts/a", 3), endpoint_a_, hosts_a_});
  publish({backend("backend/a", "hosts/a", 2), endpoint_a_, hosts_a_});
  report(answer(changed));
  nothing_to_send();
}

TEST_F(SessionTest, WhatIsHeldIsNotSentAgainButCompletenessIsSaid) {
  publish(set_a_);
  report(hello(set_a_));
  const Delta delta = next();
  EXPECT_THAT(upserts(delta), IsEmpty());
  EXPECT_THAT(removals(delta), IsEmpty());
  EXPECT_TRUE(delta.last());
  EXPECT_TRUE(delta.complete());
  EXPECT_EQ(delta.lane(), LANE_REST);
  report(answer(delta));
  nothing_to_send();
  EXPECT_TRUE(session_.settled());
}

TEST_F(SessionTest, TheFirstReportDecidesWhatDiffers) {
  publish(set_a_);
  report(hello({backend("backend/a", "hosts/a", 9), hosts_a_, host_set("hosts/old")}));
  const Delta delta = next();
  EXPECT_THAT(upserts(delta), ElementsAre("backend/a", endpoint_a_.name()));
  EXPECT_THAT(removals(delta), ElementsAre("hosts/old"));
}

TEST_F(SessionTest, ChangesOfHostSetsTakeTheirOwnLane) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend_a_, endpoint_a_, host_set("hosts/a", 2)});
  const Delta delta = next();
  EXPECT_EQ(delta.lane(), LANE_ENDPOINTS);
  EXPECT_THAT(upserts(delta), ElementsAre("hosts/a"));
  EXPECT_FALSE(delta.complete());
  publish({backend_a_, endpoint_a_, host_set("hosts/a", 3)});
  nothing_to_send();
  report(answer(delta));
  EXPECT_EQ(next().lane(), LANE_ENDPOINTS);
}

TEST_F(SessionTest, HostSetsPassACompilingTransaction) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), hosts_a_});
  const Delta rest = next();
  ASSERT_EQ(rest.lane(), LANE_REST);
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), host_set("hosts/a", 2)});
  const Delta endpoints = next();
  EXPECT_EQ(endpoints.lane(), LANE_ENDPOINTS);
  report(answer(endpoints));  // answered before the other one
  report(answer(rest));
  nothing_to_send();
  EXPECT_TRUE(session_.settled());
}

TEST_F(SessionTest, AHostSetInFlightOnTheOtherLaneWaits) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), host_set("hosts/a", 2)});
  const Delta rest = next();
  EXPECT_THAT(upserts(rest), ElementsAre(endpoint_a_.name(), "hosts/a"));
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), host_set("hosts/a", 3)});
  nothing_to_send();
  report(answer(rest));
  const Delta endpoints = next();
  EXPECT_EQ(endpoints.lane(), LANE_ENDPOINTS);
  EXPECT_EQ(endpoints.upserts(0).host_set().hosts(0).address(), "10.0.0.3");
}

TEST_F(SessionTest, AHostSetInFlightOnItsLaneIsNotInTheRest) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend_a_, endpoint_a_, host_set("hosts/a", 2)});
  const Delta endpoints = next();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), host_set("hosts/a", 3)});
  const Delta rest = next();
  EXPECT_EQ(rest.lane(), LANE_REST);
  EXPECT_THAT(upserts(rest), ElementsAre(endpoint_a_.name()));
  EXPECT_FALSE(rest.complete()) << "the host set is still to come";
  report(answer(rest));
  nothing_to_send();
  report(answer(endpoints));
  EXPECT_EQ(next().upserts(0).host_set().hosts(0).address(), "10.0.0.3");
}

class SessionScheme : public SessionTest, public testing::WithParamInterface<bool> {
 protected:
  static Resource https(int version) {
    Resource out = host_set("hosts/a", version);
    out.mutable_host_set()->mutable_hosts(0)->set_tls(true);
    return hashed(std::move(out));
  }
  // Of a data plane that is new, or of one that comes with what it has.
  void begin() {
    report(GetParam() ? hello(set_a_) : hello());
    publish(set_a_);
    settle();
  }
  const Resource verifies_ = backend("backend/a", "hosts/a", 2);
};
INSTANTIATE_TEST_SUITE_P(Resumed, SessionScheme, testing::Bool());

TEST_P(SessionScheme, ComesWithTheBackendThatBelongsToIt) {
  begin();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), hosts_a_});
  const Delta rest = next();
  ASSERT_EQ(rest.lane(), LANE_REST);
  publish({verifies_, endpoint("/a", {"backend/a"}, 2), https(1)});
  nothing_to_send();
  report(answer(rest));
  const Delta both = next();
  EXPECT_EQ(both.lane(), LANE_REST);
  EXPECT_THAT(upserts(both), ElementsAre("backend/a", "hosts/a"));
  report(answer(both));
  publish({verifies_, endpoint("/a", {"backend/a"}, 2), https(2)});
  EXPECT_EQ(next().lane(), LANE_ENDPOINTS) << "addresses alone";
}

TEST_P(SessionScheme, WithoutTheRestNothingIsComplete) {
  report(hello(set_a_));
  const auto of = [&](std::vector<Resource> resources) {
    session_.on_desired(builder_.build(translation(std::move(resources)), Extent::addresses));
  };
  of(set_a_);
  nothing_to_send();
  of({backend_a_, endpoint_a_, GetParam() ? https(1) : host_set("hosts/a", 2)});
  const Delta delta = next();
  EXPECT_THAT(upserts(delta), ElementsAre("hosts/a"));
  EXPECT_FALSE(delta.complete());
  report(answer(delta));
  EXPECT_FALSE(session_.complete());
}

TEST_P(SessionScheme, WaitsWithTheBackendForAddressesUnderWay) {
  begin();
  publish({backend_a_, endpoint_a_, host_set("hosts/a", 2)});
  const Delta addresses = next();
  ASSERT_EQ(addresses.lane(), LANE_ENDPOINTS);
  publish({verifies_, endpoint_a_, https(2)});
  nothing_to_send();
  report(answer(addresses));
  EXPECT_THAT(upserts(next()), ElementsAre("backend/a", "hosts/a"));
}

TEST_F(SessionTest, NewHostSetsGoWithWhatNeedsThem) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend("backend/a", "hosts/b"), endpoint_a_, host_set("hosts/b")});
  const Delta delta = next();
  EXPECT_EQ(delta.lane(), LANE_REST);
  EXPECT_THAT(upserts(delta), ElementsAre("backend/a", "hosts/b"));
  EXPECT_THAT(removals(delta), ElementsAre("hosts/a"));
}

TEST_F(SessionTest, PartsStayBelowTheLimit) {
  Session session(400);
  std::vector<Resource> many;
  for (int i = 0; i < 20; ++i) many.push_back(host_set("hosts/" + std::to_string(i), i));
  Resource large;
  large.set_name("tls/large");
  large.mutable_tls_secret()->set_certificate_pem(std::string(1000, 'x'));
  many.push_back(hashed(large));
  ASSERT_TRUE(session.on_report(hello({host_set("z/old1"), host_set("z/old2")})));
  session.on_desired(builder_.build(translation(many)));
  std::size_t received = 0;
  std::size_t removed = 0;
  std::uint32_t parts = 0;
  bool last = false;
  while (auto delta = session.next()) {
    EXPECT_FALSE(last) << "nothing follows the last part";
    EXPECT_EQ(delta->part(), parts++);
    EXPECT_EQ(delta->revision(), 1u);
    const bool alone = delta->upserts_size() == 1 && delta->upserts(0).name() == "tls/large";
    if (!alone) EXPECT_LE(delta->ByteSizeLong(), 400u);
    EXPECT_EQ(delta->complete(), delta->last());
    received += static_cast<std::size_t>(delta->upserts_size());
    removed += static_cast<std::size_t>(delta->removals_size());
    last = delta->last();
  }
  EXPECT_TRUE(last);
  EXPECT_EQ(received, 21u);
  EXPECT_EQ(removed, 2u);
  EXPECT_GT(parts, 6u);
}

TEST_F(SessionTest, ARejectedVersionIsNotSentAgainUntilItChanges) {
  report(hello());
  publish(set_a_);
  settle();
  publish({backend_a_, endpoint("/a", {"backend/a"}, 2), hosts_a_});
  report(answer(next(), {endpoint_a_.name()}, true));
  nothing_to_send();
  EXPECT_TRUE(session_.settled());
  ASSERT_EQ(session_.rejected().size(), 1u);
  const RejectedVersion expected{endpoint("/a", {"backend/a"}, 2).hash(), "no good", true};
  EXPECT_EQ(session_.rejected().at(endpoint_a_.name()), expected);
  EXPECT_EQ(session_.applied().at(endpoint_a_.name()), endpoint_a_.hash());

  publish({backend_a_, endpoint("/a", {"backend/a"}, 3), hosts_a_});
  settle();
  EXPECT_THAT(session_.rejected(), IsEmpty());
  EXPECT_EQ(session_.applied().at(endpoint_a_.name()), endpoint("/a", {"backend/a"}, 3).hash());
}

TEST_F(SessionTest, ALaterTransactionMayApplyWhatAnEarlierOneCouldNot) {
  report(hello());
  publish(set_a_);
  report(answer(next(), {endpoint_a_.name()}));
  EXPECT_FALSE(session_.applied().contains(endpoint_a_.name()));
  publish({backend("backend/a", "hosts/a", 2), endpoint_a_, hosts_a_});
  Report both = answer(next());
  auto& also = *both.mutable_acknowledgements(0)->add_applied();
  also.set_name(endpoint_a_.name());
  also.set_hash(endpoint_a_.hash());
  report(both);
  EXPECT_THAT(session_.rejected(), IsEmpty());
  EXPECT_EQ(session_.applied().at(endpoint_a_.name()), endpoint_a_.hash());
}

TEST_F(SessionTest, AMissedPublicationIsCaughtUp) {
  report(hello());
  publish(set_a_);
  settle();
  builder_.build(translation({}));  // never seen by this session
  publish({hosts_a_, host_set("hosts/b")});
  const Delta delta = next();
  EXPECT_THAT(upserts(delta), ElementsAre("hosts/b"));
  EXPECT_THAT(removals(delta), ElementsAre("backend/a", endpoint_a_.name()));
}

TEST_F(SessionTest, ABrokenProtocolIsAnError) {
  const auto refuses = [](Session& session, const Report& bad, const std::string& why) {
    const auto taken = session.on_report(bad);
    ASSERT_FALSE(taken) << why;
    EXPECT_EQ(taken.error().kind, Kind::protocol);
    EXPECT_THAT(taken.error().message, HasSubstr(why));
  };
  refuses(session_, Report(), "has to name its node");
  report(hello());
  refuses(session_, hello(), "first report only");
  Delta never_sent;
  never_sent.set_revision(1);
  refuses(session_, answer(never_sent), "revision 1, which is not waiting");
  publish(set_a_);
  const Delta delta = next();
  Delta other_lane = delta;
  other_lane.set_lane(LANE_ENDPOINTS);
  refuses(session_, answer(other_lane), "not waiting");
  Delta no_lane = delta;
  no_lane.set_lane(static_cast<sync::v1::Lane>(9));
  refuses(session_, answer(no_lane), "unknown lane");
  report(answer(delta));
  refuses(session_, answer(delta), "not waiting");
}

TEST(Session, AHundredThousandResourcesAreChunked) {
  std::vector<Resource> many;
  for (int i = 0; i < 100'000; ++i) {
    Resource resource;
    resource.set_name("hosts/shop/service-" + std::to_string(i));
    auto& host = *resource.mutable_host_set()->add_hosts();
    host.set_address("10.1.2.3");
    host.set_port(static_cast<std::uint32_t>(i % 60000 + 1));
    resource.set_hash(std::to_string(i));
    many.push_back(std::move(resource));
  }
  DesiredBuilder builder;
  Session session;
  ASSERT_TRUE(session.on_report(hello()));
  session.on_desired(builder.build(translation(std::move(many))));
  std::size_t received = 0;
  int parts = 0;
  Delta last;
  while (auto delta = session.next()) {
    EXPECT_LE(delta->ByteSizeLong(), 1u << 20);
    received += static_cast<std::size_t>(delta->upserts_size());
    ++parts;
    last = std::move(*delta);
  }
  EXPECT_EQ(received, 100'000u);
  EXPECT_GT(parts, 3);
  EXPECT_TRUE(last.last());
  EXPECT_TRUE(last.complete());
}

TEST_F(SessionTest, WithoutTheRestOnlyAddressesOfWhatIsServedChange) {
  report(hello(set_a_));
  const Resource moved = host_set(hosts_a_.name(), 7);
  const auto of = [&](std::vector<Resource> resources, Extent extent) {
    session_.on_desired(builder_.build(translation(std::move(resources)), extent));
  };
  of({moved, host_set("hosts/new"), endpoint("/a", {"backend/a"}, 2), endpoint("/b", {})},
     Extent::addresses);
  const Delta delta = next();
  EXPECT_THAT(upserts(delta), ElementsAre(moved.name()));
  EXPECT_THAT(removals(delta), ElementsAre());
  EXPECT_EQ(delta.lane(), LANE_ENDPOINTS);
  EXPECT_FALSE(delta.complete());
  report(answer(delta));
  nothing_to_send();
  EXPECT_FALSE(session_.complete());
  EXPECT_FALSE(session_.settled());

  of({moved}, Extent::everything);
  const Delta rest = next();
  EXPECT_EQ(removals(rest).size(), 2U) << "what is missing now is known to be";
  EXPECT_TRUE(rest.complete());
}

TEST_F(SessionTest, WithoutTheRestANewDataPlaneIsSentNothing) {
  report(hello());
  session_.on_desired(builder_.build(translation(set_a_), Extent::addresses));
  nothing_to_send();
}

}  // namespace
}  // namespace ropewalk::controller
