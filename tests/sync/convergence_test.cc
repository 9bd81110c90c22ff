// Both state machines against each other: any sequence of desired sets, disconnects, restarts,
// reordered acknowledgements and refusals ends with the data plane serving what is desired, minus
// what it refused and what is held.
#include "controller/push/session.h"
#include "dataplane/configsync/client_session.h"
#include "dataplane/configsync/references.h"
#include "tests/sync/resources.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace ropewalk {
namespace {

using namespace sync_test;
using configsync::ClientSession;
using configsync::Refusal;
using configsync::ResourceMap;
using controller::Session;
using controller::Translation;
using sync::v1::Delta;
using sync::v1::Report;

constexpr int kBad = 666;
constexpr std::uint32_t kConflicting = 13;

std::string check(const Resource& resource) {
  const bool bad = resource.endpoint().timeout_ns() == kBad ||
                   resource.backend().url_pattern() == "/v666" ||
                   resource.host_set().hosts_size() > 1;
  return bad ? "bad value" : "";
}

// Of the endpoints that are marked, only the first can be served: the outcome depends on the set.
std::vector<Refusal> refusals(const ResourceMap& all) {
  std::vector<Refusal> out;
  bool taken = false;
  for (const auto& [name, resource] : all) {
    if (resource->endpoint().concurrent_calls() != kConflicting) continue;
    if (taken) out.push_back({name, "conflict"});
    taken = true;
  }
  return out;
}

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    ClientSession::Options options;
    options.node.set_id("pod-1");
    options.check = check;
    options.random = [this] { return std::uniform_real_distribution<double>()(random_); };
    client_ = std::make_unique<ClientSession>(std::move(options));
    publish();
    perform(client_->start({}, now_));
  }

  void step() {
    switch (pick(14)) {
      case 0:
      case 1:
        return publish();
      case 2:
        return pick(3) == 0 ? disconnect() : void();
      case 3:
        return pick(3) == 0 ? restart_controller() : void();
      case 4:
        return swap_reports();
      case 5:
        return pass_time();
      case 6:
      case 7:
        return finish_apply();
      default:
        return pick(2) == 0 ? deliver_delta() : deliver_report();
    }
  }

  void settle() {
    for (int i = 0; i < 100000; ++i) {
      if (apply_pending_) {
        finish_apply();
      } else if (!reports_.empty()) {
        deliver_report();
      } else if (!deltas_.empty() || pump()) {
        deliver_delta();
      } else if (!stream_open_) {
        pass_time();
      } else {
        return;
      }
    }
    FAIL() << "the two never come to rest";
  }

  void verify() {
    ASSERT_TRUE(server_->settled());
    const ResourceMap& in_force = client_->in_force();
    const auto rejected = server_->rejected();
    const auto applied = server_->applied();
    for (const auto& [name, resource] : desired_->resources) {
      SCOPED_TRACE(name);
      const auto served = in_force.find(name);
      if (desired_->held.contains(name)) {
        ASSERT_NE(served, in_force.end()) << "a held route is always answered";
        continue;
      }
      if (const auto refusal = rejected.find(name); refusal != rejected.end()) {
        EXPECT_EQ(refusal->second.hash, controller::content_hash_of(resource->hash()));
        EXPECT_FALSE(refusal->second.message.empty());
        EXPECT_EQ(refusal->second.serves_last_good, served != in_force.end());
        EXPECT_FALSE(acceptable(name)) << "refused without a reason: " << refusal->second.message;
        continue;
      }
      ASSERT_NE(served, in_force.end());
      EXPECT_EQ(served->second->hash(), resource->hash());
      EXPECT_EQ(applied.at(name), controller::content_hash_of(resource->hash()));
    }
    verify_what_is_kept();
  }

  // A new stream to the same controller is sent only what differs for a reason.
  void verify_resume() {
    const bool clean = server_->rejected().empty() && desired_->held.empty();
    disconnect();
    resent_ = 0;
    settle();
    verify();
    if (clean) EXPECT_EQ(resent_, 0);
  }

 private:
  int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  void publish() {
    Translation next;
    for (int i = 0; i < 4; ++i) {
      const std::string path = "/" + std::to_string(i);
      const int kind = pick(10);
      if (kind == 0) continue;
      if (kind == 1) {
        next.resources.push_back(problem(path, "problem " + std::to_string(pick(3))));
        next.held.insert(endpoint_name(path));
        continue;
      }
      std::vector<std::string> backends;
      for (int part = 0; part <= pick(2); ++part) {
        backends.push_back("backend/" + path + "#" + std::to_string(part));
        next.resources.push_back(backend(backends.back(), "hosts/" + std::to_string(pick(4)),
                                         pick(6) == 0 ? kBad : pick(3)));
      }
      Resource route = endpoint(path, backends, pick(5) == 0 ? kBad : pick(3));
      if (pick(4) == 0) route.mutable_endpoint()->set_concurrent_calls(kConflicting);
      next.resources.push_back(hashed(std::move(route)));
    }
    for (int i = 0; i < 4; ++i) {
      Resource hosts = host_set("hosts/" + std::to_string(i), pick(4));
      if (pick(12) == 0) hosts.mutable_host_set()->add_hosts()->set_address("::1");
      next.resources.push_back(hashed(std::move(hosts)));
    }
    desired_ = builder_.build(next);
    if (server_ && pick(5) != 0) server_->on_desired(desired_);
  }

  bool acceptable(const std::string& name) const {
    const Resource& resource = *desired_->resources.at(name);
    if (!check(resource).empty() || resource.endpoint().concurrent_calls() == kConflicting)
      return false;
    // A backend waits for its endpoint.
    for (const auto& [user, other] : desired_->resources)
      for (const auto& used : configsync::references_of(*other).needed)
        if (used == name && other->has_endpoint() &&
            (!check(*other).empty() || other->endpoint().concurrent_calls() == kConflicting ||
             !needs_met(*other)))
          return false;
    return needs_met(resource);
  }

  bool needs_met(const Resource& resource) const {
    for (const auto& used : configsync::references_of(resource).needed) {
      const Resource& needed = *desired_->resources.at(used);
      if (!check(needed).empty() || !needs_met(needed)) return false;
    }
    return true;
  }

  void verify_what_is_kept() const {
    std::set<std::string> used;
    for (const auto& [name, resource] : client_->in_force())
      for (const auto& needed : configsync::references_of(*resource).needed) {
        EXPECT_TRUE(client_->in_force().contains(needed)) << name << " dangles";
        used.insert(needed);
      }
    for (const auto& [name, resource] : client_->in_force())
      if (!desired_->resources.contains(name) && !desired_->last_good.contains(name))
        EXPECT_TRUE(used.contains(name)) << name;
  }

  void perform(ClientSession::Actions actions) {
    for (auto& action : actions) {
      if (std::holds_alternative<ClientSession::Connect>(action)) {
        deltas_.clear();
        reports_.clear();
        server_ = std::make_unique<Session>(300);
        server_->on_desired(desired_);
        stream_open_ = true;
      } else if (auto* send = std::get_if<ClientSession::Send>(&action)) {
        if (stream_open_) reports_.push_back(std::move(send->report));
      } else if (auto* apply = std::get_if<ClientSession::Apply>(&action)) {
        ASSERT_FALSE(apply_pending_);
        apply_pending_ = std::move(apply->all);
      } else if (auto* disconnect = std::get_if<ClientSession::Disconnect>(&action)) {
        FAIL() << disconnect->reason;
      }
    }
  }

  bool pump() {
    if (!stream_open_) return false;
    auto delta = server_->next();
    if (!delta) return false;
    resent_ += delta->upserts_size() + delta->removals_size();
    deltas_.push_back(std::move(*delta));
    return true;
  }

  void deliver_delta() {
    pump();
    if (deltas_.empty()) return;
    Delta delta;
    ASSERT_TRUE(delta.ParseFromString(deltas_.front().SerializeAsString()));
    deltas_.pop_front();
    perform(client_->on_delta(std::move(delta)));
  }

  void deliver_report() {
    if (reports_.empty()) return;
    const Report report = std::move(reports_.front());
    reports_.pop_front();
    const auto taken = server_->on_report(report);
    ASSERT_TRUE(taken) << taken.error().message;
  }

  // Lanes are independent: their acknowledgements may pass each other.
  void swap_reports() {
    if (reports_.size() < 2 || reports_[0].has_node()) return;
    std::swap(reports_[0], reports_[1]);
  }

  void finish_apply() {
    if (!apply_pending_) return;
    const ResourceMap all = std::move(*apply_pending_);
    apply_pending_.reset();
    const ResourceMap before = client_->in_force();
    auto actions = client_->on_applied(refusals(all), now_);
    for (const auto& action : actions)
      if (const auto* settled = std::get_if<ClientSession::Settled>(&action))
        for (const auto& rejection : settled->rejected)
          if (rejection.message() == "bad value" && before.contains(rejection.name()))
            EXPECT_TRUE(rejection.serves_last_good() || conflicting(before, rejection.name()));
    perform(std::move(actions));
  }

  static bool conflicting(const ResourceMap& all, const std::string& name) {
    return all.at(name)->endpoint().concurrent_calls() == kConflicting ||
           all.at(name)->has_backend() || all.at(name)->has_host_set();
  }

  void disconnect() {
    if (!stream_open_) return;
    stream_open_ = false;
    deltas_.clear();
    reports_.clear();
    perform(client_->on_closed(now_));
  }

  void restart_controller() {
    disconnect();
    builder_ = controller::DesiredBuilder();
    server_.reset();
    publish();
  }

  void pass_time() {
    now_ += std::chrono::seconds(6);
    perform(client_->on_tick(now_));
  }

  std::mt19937 random_;
  ClientSession::Clock::time_point now_{std::chrono::hours(1)};
  controller::DesiredBuilder builder_;
  std::shared_ptr<const controller::Desired> desired_;
  std::unique_ptr<Session> server_;
  std::unique_ptr<ClientSession> client_;
  bool stream_open_ = false;
  std::deque<Delta> deltas_;
  std::deque<Report> reports_;
  std::optional<ResourceMap> apply_pending_;
  int resent_ = 0;

 public:
  void catch_up() { server_->on_desired(desired_); }
};

TEST(Convergence, AnySequenceEndsWithWhatIsDesired) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int i = 0; i < 150; ++i) world.step();
    world.settle();
    world.catch_up();
    world.settle();
    world.verify();
    world.verify_resume();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace ropewalk
