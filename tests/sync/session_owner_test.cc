// Routes of Services whose annotations are broken while the controller starts again: it does not
// know what they had, and data planes that serve it go on.
#include "controller/translate/translate.h"
#include "tests/controller_translate/objects.h"
#include "tests/sync/session_world.h"

namespace ropewalk::controller {
namespace {

using testing::Contains;
using testing::Not;

using Keys = std::map<std::string, std::string>;

// A data plane and a controller from translation to session.
class UnreadableOwner : public testing::Test {
 protected:
  static constexpr const char* kRoute = "endpoint/* GET /v1/products";

  // All of them claim, or join, that route.
  static Sketch service(const std::string& space, const std::string& name, const std::string& year,
                        Keys keys = {}) {
    keys.emplace("expose", "true");
    if (!keys.contains("endpoints") && !keys.contains("join"))
      keys.emplace("endpoint", "/v1/products");
    return {.name = name,
            .annotations = std::move(keys),
            .namespace_ = space,
            .created = year + "-01-01T00:00:00Z"};
  }
  static Sketch owner(Keys keys = {}) { return service("a", "products", "2024", std::move(keys)); }
  static Sketch joiner(Keys keys = {}) {
    keys.emplace("join", "products");
    keys.emplace("url-pattern", "/offers");
    return service("a", "offers", "2025", std::move(keys));
  }
  static Sketch clone(const std::string& space = "b") { return service(space, "clone", "2026"); }

  void publish(const std::vector<Sketch>& sketches) {
    ObjectSet set;
    for (const Sketch& sketch : sketches) add(set, sketch);
    const Translation translation = translate(set, options_, memory_);
    memory_ = translation.memory;
    desired_ = builder_.build(translation);
    session_->on_desired(desired_);
  }
  // Brings the data plane to what is published.
  void settle() {
    while (auto delta = session_->next()) {
      for (const auto& resource : delta->upserts()) in_force_[resource.name()] = resource;
      for (const std::string& name : delta->removals()) in_force_.erase(name);
      ASSERT_TRUE(session_->on_report(answer(*delta)));
    }
    EXPECT_TRUE(session_->settled());
  }
  void serve(const std::vector<Sketch>& sketches) {
    publish(sketches);
    settle();
  }
  // The controller begins anew; the data plane goes on.
  void restart(const std::vector<Sketch>& sketches) {
    memory_ = {};
    builder_ = {};
    connect();
    serve(sketches);
  }
  void connect() {
    std::vector<Resource> held;
    for (const auto& [name, resource] : in_force_) held.push_back(resource);
    session_ = std::make_unique<Session>();
    ASSERT_TRUE(session_->on_report(hello(held)));
    if (desired_) session_->on_desired(desired_);
  }

  // The Services that are asked for the route; each has its backend and its addresses.
  std::vector<std::string> serves() const {
    std::vector<std::string> out;
    const auto route = in_force_.find(kRoute);
    if (route == in_force_.end()) return out;
    for (const std::string& backend : route->second.endpoint().backends()) {
      const std::string name = backend.substr(backend.find('#') + 1);
      const auto hosts = in_force_.find("hosts/" + name);
      const bool called = in_force_.contains(backend) && hosts != in_force_.end() &&
                          hosts->second.host_set().hosts_size() == 1;
      out.push_back(called ? name : name + " (not called)");
    }
    return out;
  }
  std::vector<std::string> backends() const {
    std::vector<std::string> out;
    for (const auto& [name, resource] : in_force_)
      if (resource.has_backend()) out.push_back(name.substr(name.find('#') + 1));
    return out;
  }
  bool programmed(const std::string& name) const {
    const auto applied = session_->applied();
    const auto found = applied.find(name);
    return found != applied.end() &&
           found->second == content_hash_of(desired_->resources.at(name)->hash());
  }

  void SetUp() override { connect(); }

  Options options_;
  DesiredBuilder builder_;
  Memory memory_;
  std::shared_ptr<const Desired> desired_;
  std::unique_ptr<Session> session_;
  std::map<std::string, Resource> in_force_;
};

const std::vector<Keys>& mistakes() {
  static const std::vector<Keys> kAll = {{{"hostnames", "not a host"}},
                                         {{"method", "GTE"}},
                                         {{"endpoints", "[{name: "}},
                                         {{"hostnmaes", "a.test"}},
                                         {{"expose", "yes"}}};
  return kAll;
}

TEST_F(UnreadableOwner, KeepsItsRouteWhileTheControllerStartsAgain) {
  for (const std::string space : {"b", "a"})
    for (const Keys& mistake : mistakes()) {
      SCOPED_TRACE(space + " " + mistake.begin()->first);
      in_force_.clear();
      desired_.reset();
      restart({owner(), joiner(), clone(space)});
      const std::vector<std::string> both = {"a/products", "a/offers"};
      ASSERT_EQ(serves(), both);
      serve({owner(mistake), joiner(), clone(space)});
      EXPECT_EQ(serves(), both);
      restart({owner(mistake), joiner(), clone(space)});
      EXPECT_EQ(serves(), both);
      EXPECT_THAT(backends(), Not(Contains(space + "/clone"))) << "nobody asks for it";
      EXPECT_FALSE(programmed(kRoute)) << "what b/clone is told is true";
      connect();
      settle();
      EXPECT_EQ(serves(), both) << "also after a reconnect";

      // Repaired, it has the older claim.
      auto kept = in_force_;
      serve({owner(), joiner(), clone(space)});
      EXPECT_EQ(serves(), both);
      EXPECT_TRUE(programmed(kRoute));

      in_force_ = std::move(kept);
      restart({owner(mistake), joiner(), clone(space)});
      serve({clone(space)});
      EXPECT_EQ(serves(), std::vector<std::string>{space + "/clone"}) << "the owner is gone";
      EXPECT_EQ(backends(), std::vector<std::string>{space + "/clone"});
      EXPECT_TRUE(programmed(kRoute));
    }
}

TEST_F(UnreadableOwner, OfARouteThatADataPlaneNeverHadDoesNotStopOthers) {
  for (const Keys& mistake : mistakes()) {
    SCOPED_TRACE(mistake.begin()->first);
    in_force_.clear();
    desired_.reset();
    restart({owner(mistake), clone()});
    EXPECT_EQ(serves(), std::vector<std::string>{"b/clone"});
    restart({owner(mistake), clone()});
    EXPECT_EQ(serves(), std::vector<std::string>{"b/clone"});
    serve({owner(), clone()});
    EXPECT_EQ(serves(), std::vector<std::string>{"a/products"}) << "it is older";
  }
}

TEST_F(UnreadableOwner, KeepsItsRouteWhenTheOtherOneGoes) {
  serve({owner(), clone()});
  restart({owner(mistakes().front()), clone()});
  serve({owner(mistakes().front())});
  EXPECT_EQ(serves(), std::vector<std::string>{"a/products"});
  serve({owner(mistakes().front()), service("c", "other", "2026")});
  EXPECT_EQ(serves(), std::vector<std::string>{"a/products"});
  serve({service("c", "other", "2026")});
  EXPECT_EQ(serves(), std::vector<std::string>{"c/other"});
}

TEST_F(UnreadableOwner, AJoinerThatCannotBeReadTiesNothingToItsOwner) {
  const Keys mistake = {{"endpiont", "/a"}};
  serve({owner(), joiner()});
  serve({owner(), joiner(mistake)});
  EXPECT_EQ(serves(), (std::vector<std::string>{"a/products", "a/offers"}));
  restart({owner({{"timeout", "1s"}}), joiner(mistake), clone()});
  EXPECT_EQ(serves(), (std::vector<std::string>{"a/products", "a/offers"}));
  EXPECT_EQ(in_force_.at(kRoute).endpoint().timeout_ns(), 1'000'000'000);
  serve({joiner(mistake), clone()});
  EXPECT_EQ(serves(), std::vector<std::string>{"b/clone"})
      << "the controller saw the route be that of a/products, which is gone";
  EXPECT_EQ(backends(), std::vector<std::string>{"b/clone"});
}

TEST_F(UnreadableOwner, GivesWayToTheConfigurationOfTheGateway) {
  serve({owner(), clone()});
  restart({owner(mistakes().front()), clone()});
  Resource configured = endpoint("/v1/products", {}, 7);
  configured.add_origins()->set_kind("File");
  options_.gateway_config = {configured};
  publish({owner(mistakes().front()), clone()});
  const Delta delta = session_->next().value_or(Delta());
  ASSERT_THAT(upserts(delta), Contains(kRoute));
  EXPECT_EQ(delta.upserts(0).endpoint().timeout_ns(), 7);
  EXPECT_THAT(removals(delta), Contains("backend/* GET /v1/products#a/products"));
}

TEST_F(UnreadableOwner, WhoseRouteGoesMeanwhileLeavesAWholeRouteToTheOther) {
  serve({owner()});
  publish({});
  const Delta removal = session_->next().value_or(Delta());
  EXPECT_THAT(removals(removal), Contains(kRoute));
  publish({owner(mistakes().front()), clone()});
  EXPECT_TRUE(upserts(session_->next().value_or(Delta())).empty()) << "it is not known to be gone";
  in_force_.clear();
  ASSERT_TRUE(session_->on_report(answer(removal)));
  settle();
  EXPECT_EQ(serves(), std::vector<std::string>{"b/clone"});
}

TEST_F(UnreadableOwner, OfARouteThatTheDataPlaneRefusedDoesNotStopOthers) {
  publish({owner()});
  const Delta first = session_->next().value_or(Delta());
  ASSERT_TRUE(session_->on_report(answer(first, {kRoute})));
  memory_ = {};
  serve({owner(mistakes().front()), clone()});
  EXPECT_EQ(serves(), std::vector<std::string>{"b/clone"});
}

TEST_F(UnreadableOwner, AnOwnerWhosePartIsRefusedCanRepairIt) {
  const Sketch broken = joiner({{"endpiont", "/a"}});
  serve({owner(), joiner()});
  publish({owner({{"url-pattern", "/refused"}}), broken});
  const Delta refused = session_->next().value_or(Delta());
  const std::string part = "backend/* GET /v1/products#a/products";
  ASSERT_THAT(upserts(refused), Contains(part));
  ASSERT_TRUE(session_->on_report(answer(refused, {part})));
  serve({owner({{"url-pattern", "/repaired"}}), broken});
  EXPECT_EQ(in_force_.at(part).backend().url_pattern(), "/repaired");
}

}  // namespace
}  // namespace ropewalk::controller
