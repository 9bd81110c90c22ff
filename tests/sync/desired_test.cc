#include "controller/snapshot/desired.h"
#include "tests/sync/resources.h"

#include <gmock/gmock.h>

namespace ropewalk::controller {
namespace {

using namespace sync_test;
using testing::ElementsAre;

TEST(Desired, NamesWhatChangedAndSharesTheRest) {
  DesiredBuilder builder;
  const auto first = builder.build(translation({host_set("hosts/a"), host_set("hosts/b")}));
  EXPECT_EQ(first->sequence, 1u);
  EXPECT_THAT(first->changed, ElementsAre("hosts/a", "hosts/b"));

  const auto second = builder.build(translation({host_set("hosts/b", 2), host_set("hosts/c")}));
  EXPECT_EQ(second->sequence, 2u);
  EXPECT_THAT(second->changed, ElementsAre("hosts/a", "hosts/b", "hosts/c"));

  const auto third =
      builder.build(translation({host_set("hosts/b", 2), host_set("hosts/c", 2)}, {"endpoint/x"}));
  EXPECT_THAT(third->changed, ElementsAre("endpoint/x", "hosts/c"));
  EXPECT_EQ(third->resources.at("hosts/b"), second->resources.at("hosts/b"));

  const auto fourth = builder.build(translation({host_set("hosts/b", 2), host_set("hosts/c", 2)}));
  EXPECT_THAT(fourth->changed, ElementsAre("endpoint/x"));
}

TEST(Desired, HeldServicesAreAChangeToo) {
  DesiredBuilder builder;
  builder.build(translation({}));
  auto with_held = translation({});
  with_held.held_services = {"shop/a"};
  const auto second = builder.build(with_held);
  EXPECT_EQ(second->sequence, 2u);
  EXPECT_TRUE(second->stays_changed);
  EXPECT_EQ(builder.build(with_held), second);
}

TEST(Desired, KnowsWhoOwnedARouteWhileAServiceIsHeld) {
  const auto route = [](const std::string& path, const std::string& service) {
    Resource out = endpoint(path, {"backend/* GET " + path + "#shop/" + service});
    auto& origin = *out.add_origins();
    origin.set_kind("Service");
    origin.set_namespace_("shop");
    origin.set_name(service);
    return out;
  };
  DesiredBuilder builder;
  builder.build(translation({route("/a", "x"), route("/b", "held"), route("/c", "y")}));
  auto next = translation({route("/a", "z"), route("/c", "y")});
  next.held_services = {"shop/held"};
  const std::map<std::string, std::set<std::string>> x = {{endpoint_name("/a"), {"shop/x"}}};
  EXPECT_EQ(builder.build(next)->former_owners, x);
  next.resources = {route("/c", "y")};
  const std::map<std::string, std::set<std::string>> both = {
      {endpoint_name("/a"), {"shop/x", "shop/z"}}};
  EXPECT_EQ(builder.build(next)->former_owners, both);
  next.held_services.clear();
  EXPECT_TRUE(builder.build(next)->former_owners.empty());
}

TEST(Desired, NothingChangedIsTheSameSet) {
  DesiredBuilder builder;
  const auto first = builder.build(translation({}));
  EXPECT_EQ(first->sequence, 1u);
  EXPECT_EQ(builder.build(translation({})), first);
}

TEST(Desired, AStandInIsToldByItsHash) {
  const Resource held = problem("/a");
  const auto desired =
      DesiredBuilder().build(translation({held, endpoint("/b", {})}, {held.name()}));
  const std::string& hash = desired->resources.at(held.name())->hash();
  EXPECT_TRUE(is_stand_in(hash));
  EXPECT_EQ(content_hash_of(hash), held.hash());
  const std::string& plain = desired->resources.at(endpoint_name("/b"))->hash();
  EXPECT_FALSE(is_stand_in(plain));
  EXPECT_EQ(content_hash_of(plain), plain);
}

}  // namespace
}  // namespace ropewalk::controller
