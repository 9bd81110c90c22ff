#include "dataplane/configsync/client_session.h"
#include "tests/sync/resources.h"

#include <gmock/gmock.h>

namespace ropewalk::configsync {
namespace {

using namespace sync_test;
using std::chrono::milliseconds;
using sync::v1::Delta;

class ClientSessionTest : public testing::Test {
 protected:
  static ClientSession::Options options() {
    ClientSession::Options out;
    out.node.set_id("pod-1");
    out.check = [](const Resource& resource) {
      return std::string(resource.endpoint().timeout_ns() == 666 ? "bad value" : "");
    };
    out.random = [] { return 0.5; };
    return out;
  }

  // "connect", "hello N" (N held), "ack REVISION", "disconnect", "apply N" / "hosts N", "settled".
  static std::vector<std::string> words(const ClientSession::Actions& actions) {
    std::vector<std::string> out;
    for (const auto& action : actions) {
      if (std::holds_alternative<ClientSession::Connect>(action)) out.push_back("connect");
      if (const auto* send = std::get_if<ClientSession::Send>(&action))
        out.push_back(send->report.has_node()
                          ? "hello " + std::to_string(send->report.held_size())
                          : "ack " + std::to_string(send->report.acknowledgements(0).revision()));
      if (std::holds_alternative<ClientSession::Disconnect>(action)) out.push_back("disconnect");
      if (const auto* apply = std::get_if<ClientSession::Apply>(&action))
        out.push_back((apply->host_sets_only ? "hosts " : "apply ") +
                      std::to_string(apply->all.size()));
      if (const auto* settled = std::get_if<ClientSession::Settled>(&action))
        out.push_back(settled->changed ? "changed" : "settled");
    }
    return out;
  }

  static Delta delta(std::uint64_t revision, const std::vector<Resource>& upserts,
                     bool complete = false) {
    Delta out;
    out.set_revision(revision);
    out.set_last(true);
    out.set_complete(complete);
    for (const auto& resource : upserts) *out.add_upserts() = resource;
    return out;
  }

  using Words = std::vector<std::string>;
  const ClientSession::Clock::time_point zero_{std::chrono::hours(1)};
  ClientSession session_{options()};
};

TEST_F(ClientSessionTest, FirstConfiguration) {
  EXPECT_EQ(words(session_.start({}, zero_)), (Words{"connect", "hello 0"}));
  EXPECT_FALSE(session_.connected());
  session_.on_open();
  EXPECT_TRUE(session_.connected());
  EXPECT_EQ(words(session_.on_delta(delta(1, {host_set("hosts/a")}, true))), (Words{"apply 1"}));
  EXPECT_FALSE(session_.complete());
  EXPECT_FALSE(session_.ready(zero_ + std::chrono::hours(1)));
  EXPECT_EQ(words(session_.on_applied({}, zero_)), (Words{"changed", "ack 1"}));
  EXPECT_TRUE(session_.complete());
  EXPECT_TRUE(session_.ready(zero_));
}

TEST_F(ClientSessionTest, TransactionsAreAppliedOneAfterTheOther) {
  session_.start({}, zero_);
  EXPECT_EQ(words(session_.on_delta(delta(1, {host_set("hosts/a")}))), (Words{"apply 1"}));
  auto endpoints = delta(2, {host_set("hosts/a", 2)});
  endpoints.set_lane(sync::v1::LANE_ENDPOINTS);
  EXPECT_EQ(words(session_.on_delta(endpoints)), Words{});
  EXPECT_EQ(words(session_.on_applied({}, zero_)), (Words{"changed", "ack 1", "hosts 1"}));
  EXPECT_EQ(words(session_.on_applied({}, zero_)), (Words{"changed", "ack 2"}));
  EXPECT_EQ(words(session_.on_delta(delta(3, {}, true))), (Words{"settled", "ack 3"}));
}

TEST_F(ClientSessionTest, RetriesWithDoublingJitter) {
  session_.start({}, zero_);
  auto now = zero_;
  for (const int step : {200, 400, 800, 1600, 3200, 5000, 5000}) {
    session_.on_closed(now);
    const auto at = session_.next_tick(now);
    ASSERT_TRUE(at);
    EXPECT_EQ(*at - now, milliseconds(step * 3 / 4));
    EXPECT_EQ(words(session_.on_tick(*at - milliseconds(1))), Words{});
    EXPECT_EQ(words(session_.on_tick(*at)), (Words{"connect", "hello 0"}));
    now = *at;
  }
  session_.on_open();
  session_.on_closed(now);
  EXPECT_EQ(*session_.next_tick(now) - now, milliseconds(3750)) << "accepted, yet nothing came";
  session_.on_tick(*session_.next_tick(now));
  session_.on_delta(delta(1, {}, false));
  session_.on_applied({}, now);
  session_.on_closed(now);
  EXPECT_EQ(*session_.next_tick(now) - now, milliseconds(150));
}

TEST_F(ClientSessionTest, TheReplicaThatLeadsIsLookedForEverySecond) {
  session_.start({}, zero_);
  auto now = zero_;
  for (const int step : {200, 400, 800, 1000, 1000}) {
    session_.on_turned_away(now);
    const auto at = session_.next_tick(now);
    ASSERT_TRUE(at);
    EXPECT_EQ(*at - now, milliseconds(step * 3 / 4));
    EXPECT_EQ(words(session_.on_tick(*at)), (Words{"connect", "hello 0"}));
    now = *at;
  }
}

TEST_F(ClientSessionTest, JitterStaysBetweenHalfAndAll) {
  for (const auto& [random, expected] : {std::pair{0.0, 100}, std::pair{0.999, 199}}) {
    auto given = options();
    given.random = [value = random] { return value; };
    ClientSession session(given);
    session.start({}, zero_);
    session.on_closed(zero_);
    EXPECT_EQ((*session.next_tick(zero_) - zero_) / milliseconds(1), expected);
  }
}

TEST_F(ClientSessionTest, AStreamThatEndsWhileApplyingIsNotAnswered) {
  session_.start({}, zero_);
  session_.on_delta(delta(1, {host_set("hosts/a")}));
  auto second = delta(2, {host_set("hosts/b")});
  second.set_lane(sync::v1::LANE_ENDPOINTS);
  session_.on_delta(second);
  session_.on_closed(zero_);
  const auto later = zero_ + std::chrono::seconds(10);
  EXPECT_FALSE(session_.next_tick(later)) << "the outcome has to be known first";
  EXPECT_EQ(words(session_.on_tick(later)), Words{});
  // The second transaction died with the stream; the new one reports the first.
  EXPECT_EQ(words(session_.on_applied({}, later)), (Words{"changed", "connect", "hello 1"}));
}

TEST_F(ClientSessionTest, ABrokenProtocolEndsTheStream) {
  session_.start({}, zero_);
  session_.on_open();
  Delta bad = delta(1, {});
  bad.set_part(3);
  EXPECT_EQ(words(session_.on_delta(bad)), (Words{"disconnect"}));
  EXPECT_FALSE(session_.connected());
  EXPECT_EQ(words(session_.on_delta(delta(1, {host_set("hosts/a")}))), Words{});
  session_.on_closed(zero_);
  EXPECT_EQ(words(session_.on_tick(zero_ + std::chrono::seconds(1))),
            (Words{"connect", "hello 0"}));
}

TEST_F(ClientSessionTest, ASnapshotServesAndIsReadyAfterPatience) {
  ResourceMap snapshot;
  for (const auto& resource : {host_set("hosts/a"), endpoint("/bad", {}, 666)})
    snapshot[resource.name()] = shared(resource);
  EXPECT_EQ(words(session_.start(snapshot, zero_)), (Words{"apply 1"}));
  const auto actions = session_.on_applied({}, zero_ + milliseconds(20));
  EXPECT_EQ(words(actions), (Words{"changed", "connect", "hello 1"}));
  const auto& settled = std::get<ClientSession::Settled>(actions[0]);
  ASSERT_EQ(settled.rejected.size(), 1u) << "what this build refuses is said";
  EXPECT_EQ(settled.rejected[0].message(), "bad value");
  EXPECT_TRUE(session_.serves_snapshot());
  EXPECT_FALSE(session_.ready(zero_ + milliseconds(4999)));
  EXPECT_EQ(session_.next_tick(zero_ + milliseconds(20)), zero_ + milliseconds(5000));
  EXPECT_TRUE(session_.ready(zero_ + milliseconds(5000)));
  EXPECT_FALSE(session_.next_tick(zero_ + milliseconds(5000)));
}

TEST_F(ClientSessionTest, AHalfReceivedConfigurationIsNoSnapshot) {
  session_.start({}, zero_);
  session_.on_delta(delta(1, {host_set("hosts/a")}));
  session_.on_closed(zero_);
  session_.on_applied({}, zero_);
  EXPECT_FALSE(session_.ready(zero_ + std::chrono::hours(1)));
}

}  // namespace
}  // namespace ropewalk::configsync
