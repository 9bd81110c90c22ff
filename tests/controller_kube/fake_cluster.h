// Objects behind a fake API server: create, replace, patch, read, list, watch and WatchList with
// resource versions and conflicts, for any resource. No validation, no rights.
#pragma once

#include "controller/kube/config.h"
#include "tests/controller_kube/fake_api.h"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

class FakeCluster {
 public:
  FakeCluster();

  FakeApi& api() { return *api_; }
  ClusterConfig config() const;

  // `resource` is the plural: "services". Watches see it.
  void put(const std::string& resource, nlohmann::json object);
  void remove(const std::string& resource, const std::string& space, const std::string& name);
  nlohmann::json object(const std::string& resource, const std::string& space,
                        const std::string& name);
  std::vector<nlohmann::json> all(const std::string& resource);

  // Reads of it, "secrets" or "shop/secrets"; 0 takes it back.
  void refuse(const std::string& resource, int status);
  void never_answer(const std::string& resource);  // reads of it
  void demand_token(const std::string& token);     // others get 401
  void without_watch_list();
  void expire();                                   // versions up to now are too old for a watch
  void hold_watches(const std::string& resource);  // until released, one by one
  void release(std::size_t changes);
  void conflicts(int count);  // the next writes of a status are refused with 409
  void conflict_once() { conflicts(1); }

  // True when the condition holds after some write.
  bool until(const std::function<bool()>& condition);

 private:
  struct Path {
    std::string resource, space, name, subresource, query;
  };
  struct Watcher {
    std::string resource, space, name;
    std::shared_ptr<FakeStream> stream;
  };
  struct Change {
    int version;
    std::string resource;
    nlohmann::json event;
  };
  using Key = std::pair<std::string, std::string>;

  static Path parse(const std::string& target);
  FakeAnswer handle(const FakeRequest& request);
  FakeAnswer read(const Path& path);
  FakeAnswer watch(const Path& path);
  FakeAnswer write(const FakeRequest& request, const Path& path);
  void store(const std::string& resource, nlohmann::json object);
  void tell(const std::string& resource, const std::string& type, const nlohmann::json& object);
  static void pass_on(const Watcher& watcher, const Change& change);

  std::mutex mutex_;
  std::condition_variable wake_;
  int version_ = 100;
  int expired_ = 0;
  std::string token_;  // "" = none is demanded
  bool watch_list_ = true;
  int conflicts_ = 0;
  std::string held_resource_;
  std::vector<Change> held_;
  std::map<std::string, std::map<Key, nlohmann::json>> objects_;
  std::map<std::string, int> refused_;
  std::set<std::string> silent_;
  std::vector<Watcher> watchers_;
  std::vector<Change> log_;
  std::unique_ptr<FakeApi> api_;  // last: its threads use the rest
};

}  // namespace ropewalk::controller::kube
