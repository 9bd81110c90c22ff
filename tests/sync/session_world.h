// A session of the controller with the data plane played by hand.
#pragma once

#include "controller/push/session.h"
#include "tests/sync/resources.h"

#include <gmock/gmock.h>

namespace ropewalk::controller {

using namespace sync_test;
using sync::v1::Delta;
using sync::v1::LANE_ENDPOINTS;
using sync::v1::LANE_REST;
using sync::v1::Report;

inline Report hello(const std::vector<Resource>& held = {}) {
  Report out;
  out.mutable_node()->set_id("pod-1");
  for (const auto& resource : held) {
    auto& entry = *out.add_held();
    entry.set_name(resource.name());
    entry.set_hash(resource.hash());
  }
  return out;
}

inline std::vector<std::string> upserts(const Delta& delta) {
  std::vector<std::string> out;
  for (const auto& resource : delta.upserts()) out.push_back(resource.name());
  return out;
}

inline std::vector<std::string> removals(const Delta& delta) {
  return {delta.removals().begin(), delta.removals().end()};
}

// Everything in `delta` went into force, but what `refused` names.
inline Report answer(const Delta& delta, const std::set<std::string>& refused = {},
                     bool serves_last_good = false) {
  Report out;
  auto& acknowledgement = *out.add_acknowledgements();
  acknowledgement.set_revision(delta.revision());
  acknowledgement.set_lane(delta.lane());
  for (const auto& resource : delta.upserts()) {
    if (refused.contains(resource.name())) {
      auto& rejection = *acknowledgement.add_rejected();
      rejection.set_name(resource.name());
      rejection.set_hash(resource.hash());
      rejection.set_message("no good");
      rejection.set_serves_last_good(serves_last_good);
    } else {
      auto& applied = *acknowledgement.add_applied();
      applied.set_name(resource.name());
      applied.set_hash(resource.hash());
    }
  }
  for (const auto& name : delta.removals()) acknowledgement.add_removed(name);
  return out;
}

class SessionTest : public testing::Test {
 protected:
  void publish(std::vector<Resource> resources, std::set<std::string> held = {}) {
    session_.on_desired(builder_.build(translation(std::move(resources), std::move(held))));
  }
  void report(const Report& report) {
    const auto taken = session_.on_report(report);
    EXPECT_TRUE(taken) << taken.error().message;
  }
  Delta next() {
    auto delta = session_.next();
    EXPECT_TRUE(delta.has_value());
    return delta.value_or(Delta());
  }
  void nothing_to_send() { EXPECT_FALSE(session_.next().has_value()); }
  // Brings the data plane to what is desired; every message in one part.
  void settle() {
    while (auto delta = session_.next()) report(answer(*delta));
    EXPECT_TRUE(session_.settled());
  }

  const Resource hosts_a_ = host_set("hosts/a");
  const Resource backend_a_ = backend("backend/a", "hosts/a");
  const Resource endpoint_a_ = endpoint("/a", {"backend/a"});
  const std::vector<Resource> set_a_ = {backend_a_, endpoint_a_, hosts_a_};

  DesiredBuilder builder_;
  Session session_;
};

}  // namespace ropewalk::controller
