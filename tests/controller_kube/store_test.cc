#include "controller/kube/store.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ropewalk::controller::kube {
namespace {

using nlohmann::json;

Object object(ObjectKind kind, const std::string& text) {
  auto out = parse_object(kind, json::parse(text));
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

Object service(const std::string& name, bool ours = true, const std::string& more = "") {
  return object(ObjectKind::service,
                R"({"metadata": {"namespace": "n", "name": ")" + name + R"(", "annotations": {)" +
                    (ours ? R"("ropewalk.dev/expose": "true")" : R"("other": "x")") + "}}" + more +
                    "}");
}

Object slice(const std::string& name, const std::string& of, const std::string& address) {
  return object(ObjectKind::endpoint_slice, R"({"metadata": {"namespace": "n", "name": ")" + name +
                                                R"(", "labels": {"kubernetes.io/service-name": ")" +
                                                of + R"("}}, "endpoints": [{"addresses": [")" +
                                                address + R"("]}]})");
}

const Scope kServices{ObjectKind::service, "", ""};
const Scope kSlices{ObjectKind::endpoint_slice, "", ""};

Effect effect(Effect::Type type, std::vector<Object> objects) {
  return {.type = type, .objects = std::move(objects)};
}
constexpr auto kUpsert = Effect::Type::upsert;
constexpr auto kRemove = Effect::Type::remove;
constexpr auto kReplace = Effect::Type::replace;

TEST(Store, SaysWhatAChangeMeans) {
  Store store;
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("a")})), Difference::objects);
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("a")})), Difference::none);
  EXPECT_EQ(
      store.apply(kServices,
                  effect(kUpsert, {service("a", true, R"(, "spec": {"ports": [{"port": 1}]})")})),
      Difference::objects);
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("b", false)})), Difference::none);
  EXPECT_EQ(store.apply(kSlices, effect(kUpsert, {slice("a-1", "a", "192.0.2.1")})),
            Difference::endpoints);
  EXPECT_EQ(store.apply(kSlices, effect(kUpsert, {slice("a-1", "a", "192.0.2.1")})),
            Difference::none);
  EXPECT_EQ(store.apply(kSlices, effect(kUpsert, {slice("a-1", "a", "192.0.2.2")})),
            Difference::endpoints);
  EXPECT_EQ(store.apply(kSlices, effect(kUpsert, {slice("b-1", "b", "192.0.2.2")})),
            Difference::none);
  EXPECT_EQ(store.apply(kSlices, effect(kRemove, {slice("b-1", "b", "192.0.2.2")})),
            Difference::none);
  EXPECT_EQ(store.apply(kSlices, effect(kRemove, {slice("a-1", "a", "192.0.2.2")})),
            Difference::endpoints);
  EXPECT_EQ(store.apply(kSlices, effect(kRemove, {slice("a-1", "a", "192.0.2.2")})),
            Difference::none);
  // Annotations that go and come are ours both times.
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("a", false)})), Difference::objects);
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("a")})), Difference::objects);
  EXPECT_EQ(store.apply(kServices, effect(kRemove, {service("a")})), Difference::objects);
  EXPECT_EQ(store.apply(kServices, effect(kRemove, {service("b", false)})), Difference::none);
}

TEST(Store, ConditionsAloneAreStatus) {
  Store store;
  store.apply(kServices, effect(kUpsert, {service("a")}));
  const std::string conditions =
      R"(, "status": {"conditions": [{"type": "ropewalk.dev/Accepted", "status": "True"}]})";
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("a", true, conditions)})),
            Difference::status);
  EXPECT_EQ(store.apply(kServices, effect(kUpsert, {service("a", true, conditions)})),
            Difference::none);
  EXPECT_EQ(store.service({"n", "a"})->conditions.size(), 1u);
}

TEST(Store, ReplaceRemovesWithinItsScopeOnly) {
  Store store;
  store.apply(kServices, effect(kReplace, {service("a"), service("b")}));
  const auto secret = [](const char* space, const char* name) {
    return object(ObjectKind::secret, std::string(R"({"metadata": {"namespace": ")") + space +
                                          R"(", "name": ")" + name + R"("}})");
  };
  store.apply({ObjectKind::secret, "n", "s"}, effect(kReplace, {secret("n", "s")}));
  store.apply({ObjectKind::secret, "n", "t"}, effect(kReplace, {secret("n", "t")}));
  EXPECT_EQ(store.apply({ObjectKind::secret, "n", "s"}, effect(kReplace, {})), Difference::objects);
  EXPECT_EQ(store.apply(kServices, effect(kReplace, {service("b"), service("c", false)})),
            Difference::objects);
  const ObjectSet set = store.snapshot();
  EXPECT_EQ(set.services.size(), 2u);
  EXPECT_FALSE(set.services.contains({"n", "a"}));
  EXPECT_EQ(set.secrets.size(), 1u);
  EXPECT_TRUE(set.secrets.contains({"n", "t"}));
  EXPECT_EQ(store.apply(kServices, effect(kReplace, {service("b"), service("c", false)})),
            Difference::none);
  EXPECT_EQ(store.apply({ObjectKind::service, "other", ""}, effect(kReplace, {})),
            Difference::none);
  EXPECT_EQ(store.snapshot().services.size(), 2u);
}

TEST(Store, ReasonsOfUnreadableReferences) {
  Store store;
  const Scope scope{ObjectKind::secret, "n", "s"};
  EXPECT_EQ(store.set_unreadable(scope, "does not exist"), Difference::objects);
  EXPECT_EQ(store.set_unreadable(scope, "does not exist"), Difference::none);
  EXPECT_EQ(store.snapshot().unreadable_secrets.at({"n", "s"}), "does not exist");
  EXPECT_EQ(store.set_unreadable({ObjectKind::config_map, "n", "s"}, "x"), Difference::objects);
  EXPECT_EQ(store.snapshot().unreadable_config_maps.size(), 1u);
  EXPECT_EQ(store.drop(scope), Difference::objects);
  EXPECT_EQ(store.drop(scope), Difference::none);
  EXPECT_TRUE(store.snapshot().unreadable_secrets.empty());
  EXPECT_EQ(store.set_unreadable(kServices, "x"), Difference::none);
}

TEST(Store, SnapshotsDoNotChange) {
  Store store;
  store.apply(kServices, effect(kUpsert, {service("a")}));
  const ObjectSet before = store.snapshot();
  store.apply(kServices, effect(kRemove, {service("a")}));
  EXPECT_EQ(before.services.size(), 1u);
  EXPECT_TRUE(store.snapshot().services.empty());
}

}  // namespace
}  // namespace ropewalk::controller::kube
