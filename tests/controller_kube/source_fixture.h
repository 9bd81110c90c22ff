// A Kubernetes source that watches a fake API server.
#pragma once

#include "controller/kube/kubernetes_source.h"
#include "tests/controller_kube/fake_cluster.h"
#include "tests/controller_kube/folder_fixture.h"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

class SourceTest : public FolderFixture {
 protected:
  void begin(std::vector<std::string> namespaces = {}) {
    ClusterConfig config = cluster.config();
    config.token_file = token_file;
    KubernetesOptions options{.cluster = std::move(config),
                              .namespaces = std::move(namespaces),
                              .release = "gw",
                              .home_namespace = "infra",
                              .identity = "pod-1",
                              .forbidden_patience = std::chrono::milliseconds(400)};
    if (mint) {
      options.on_certificates = [this](const StreamCertificates& certificates) {
        const std::lock_guard lock(mutex);
        minted.push_back(certificates);
        wake.notify_all();
      };
    }
    auto made = KubernetesSource::create(std::move(options));
    ASSERT_TRUE(made) << made.error().message;
    source = std::move(*made);
    source->start([this](Change change) {
      const std::lock_guard lock(mutex);
      changes.push_back(change);
      changes_when_settled += source->settled() ? 1 : 0;
      config_maps_asked_for = cluster.api().count("GET", "/configmaps");
      wake.notify_all();
    });
  }
  void TearDown() override {
    if (source) source->stop();
  }
  // True as soon as the condition holds after some change.
  template <class Condition>
  bool until(Condition condition) {
    std::unique_lock lock(mutex);
    return wake.wait_for(lock, std::chrono::seconds(20), [&] { return condition(); });
  }
  std::string path_of(const std::string& name) {
    const ObjectSet set = source->snapshot();
    const auto found = set.services.find({"shop", name});
    return found == set.services.end()
               ? "gone"
               : found->second->meta.annotations.at("ropewalk.dev/endpoint");
  }
  ServiceStatus says(const std::string& status, const std::string& message) {
    return {.service = {"shop", "a"},
            .uid = "uid-a",
            .conditions = {{.type = "ropewalk.dev/Accepted",
                            .status = status,
                            .reason = "R",
                            .message = message}}};
  }
  std::string condition_of(const std::string& name) {
    const nlohmann::json object = cluster.object("services", "shop", name);
    if (object.is_null() || !object.contains("status")) return "";
    for (const nlohmann::json& c : object["status"].value("conditions", nlohmann::json::array())) {
      if (c["type"] == "ropewalk.dev/Accepted") return c["message"];
    }
    return "";
  }

  FakeCluster cluster;
  bool mint = false;
  std::string token_file;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Change> changes;
  int changes_when_settled = 0;
  std::size_t config_maps_asked_for = 0;  // at the last change
  std::vector<StreamCertificates> minted;
  std::unique_ptr<KubernetesSource> source;
};

inline nlohmann::json service_json(const std::string& name, const std::string& path) {
  return {{"metadata",
           {{"namespace", "shop"},
            {"name", name},
            {"uid", "uid-" + name},
            {"annotations", {{"ropewalk.dev/endpoint", path}}}}}};
}

inline nlohmann::json slice(const std::string& of, const std::string& address) {
  return {{"metadata",
           {{"namespace", "shop"},
            {"name", of + "-1"},
            {"labels", {{"kubernetes.io/service-name", of}}}}},
          {"endpoints", {{{"addresses", {address}}}}}};
}

}  // namespace ropewalk::controller::kube
