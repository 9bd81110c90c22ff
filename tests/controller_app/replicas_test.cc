// Two replicas of a controller on one (fake) API server, and a data plane that reaches either.
#include "controller/app/controller.h"
#include "controller/kube/kubernetes_source.h"
#include "controller/push/server.h"
#include "dataplane/configsync/client.h"
#include "tests/controller_app/remembering.h"
#include "tests/controller_app/splitter.h"
#include "tests/controller_kube/fake_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

struct Replica {
  Replica(const kube::FakeCluster& cluster, const std::string& name) {
    kube::KubernetesOptions options;
    options.cluster = cluster.config();
    options.release = "gw";
    options.home_namespace = "infra";
    options.identity = name;
    source = std::move(*kube::KubernetesSource::create(std::move(options)));
    PushServer::Options listen;
    listen.listen = "127.0.0.1:0";
    push = std::move(*PushServer::start(listen));
    controller = std::make_unique<Controller>(Options{}, *source, source->status(), *push, nullptr);
    controller->start();
    source->start([this](Change change) { controller->on_change(change); });
  }
  // As the program does at SIGTERM.
  ~Replica() {
    controller->stop();
    source->stop();
    controller.reset();
    push.reset();
  }

  std::unique_ptr<kube::KubernetesSource> source;
  std::unique_ptr<PushServer> push;
  std::unique_ptr<Controller> controller;
};

json slice_json(const std::string& address) {
  return {{"metadata",
           {{"namespace", "shop"},
            {"name", "products-1"},
            {"labels", {{"kubernetes.io/service-name", "products"}}}}},
          {"addressType", "IPv4"},
          {"ports", {{{"name", "http"}, {"port", 8080}}}},
          {"endpoints", {{{"addresses", {address}}}}}};
}

class ReplicasTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster_.put(
        "services",
        {{"metadata",
          {{"namespace", "shop"},
           {"name", "products"},
           {"uid", "u1"},
           {"annotations",
            {{"ropewalk.dev/expose", "true"}, {"ropewalk.dev/endpoint", "/v1/products"}}}}},
         {"spec", {{"ports", {{{"name", "http"}, {"port", 8080}}}}}}});
    cluster_.put("endpointslices", slice_json("192.0.2.1"));
  }
  bool stands(const Replica& replica, Standing standing) {
    return cluster_.until([&] { return replica.source->status().standing() == standing; });
  }
  bool serves(const std::string& address) {
    return applier_.sees("hosts/shop/products", [&](const config::v1::Resource* r) {
      return r && r->host_set().hosts_size() == 1 && r->host_set().hosts(0).address() == address;
    });
  }
  std::string programmed() {
    const json service = cluster_.object("services", "shop", "products");
    for (const json& condition : service.value("/status/conditions"_json_pointer, json::array()))
      if (condition["type"] == "ropewalk.dev/Programmed") return condition["status"];
    return "";
  }

  kube::FakeCluster cluster_;
  Remembering applier_;
};

TEST_F(ReplicasTest, DataPlanesAreWithTheOneThatWritesStatus) {
  auto first = std::make_unique<Replica>(cluster_, "pod-1");
  ASSERT_TRUE(stands(*first, Standing::leads));
  Replica second(cluster_, "pod-2");
  ASSERT_TRUE(stands(second, Standing::stands_by));

  const Splitter service({second.push->port(), first->push->port()});
  configsync::SyncOptions options;
  options.target = service.address();
  options.node_id = "web-1";
  configsync::SyncClient client(options, applier_);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(serves("192.0.2.1"));
  EXPECT_TRUE(cluster_.until([&] { return programmed() == "True"; }));
  EXPECT_TRUE(second.push->report().empty());

  // The one that leads goes: the other takes over, and nothing is said to be lost meanwhile.
  first.reset();
  ASSERT_TRUE(stands(second, Standing::leads));
  cluster_.put("endpointslices", slice_json("192.0.2.2"));
  EXPECT_TRUE(serves("192.0.2.2"));
  EXPECT_TRUE(cluster_.until([&] {
    const auto nodes = second.push->report();
    return nodes.size() == 1 && nodes[0].settled;
  }));
  EXPECT_EQ(programmed(), "True");
  for (const auto& request : cluster_.api().requests())
    EXPECT_THAT(request.body, testing::Not(testing::HasSubstr("NoDataPlane")));
}

}  // namespace
}  // namespace ropewalk::controller
