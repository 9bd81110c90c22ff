// A controller's server and a data plane's client in one process, over loopback.
#pragma once

#include "controller/push/server.h"
#include "dataplane/configsync/client.h"
#include "tests/sync/resources.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>

namespace ropewalk::sync_test {

// Woken by every callback of both sides: a test waits for a state, never for a time.
class Changes {
 public:
  void notify() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    wake_.notify_all();
  }
  template <class Predicate>
  bool wait(Predicate predicate) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
      std::uint64_t seen = 0;
      {
        const std::lock_guard lock(mutex_);
        seen = count_;
      }
      if (predicate()) return true;
      std::unique_lock lock(mutex_);
      if (!wake_.wait_until(lock, deadline, [&] { return count_ != seen; })) return false;
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t count_ = 0;
};

// Serves at once what it is given; refuses endpoints with a timeout of 666 ns.
class FakeApplier final : public configsync::Applier {
 public:
  explicit FakeApplier(Changes& changes) : changes_(changes) {}

  std::string check(const Resource& resource) override {
    return resource.endpoint().timeout_ns() == 666 ? "timeout: expected another one" : "";
  }
  void apply(configsync::ResourceMap all,
             std::function<void(std::vector<configsync::Refusal>)> done) override {
    take(std::move(all), applies_);
    done({});
  }
  void apply_host_sets(configsync::ResourceMap all,
                       std::function<void(std::vector<configsync::Refusal>)> done) override {
    take(std::move(all), host_set_applies_);
    done({});
  }

  configsync::ResourceMap serving() const { return locked(serving_); }
  bool serves(const Resource& resource) const {
    const auto all = serving();
    const auto found = all.find(resource.name());
    return found != all.end() && found->second->hash() == resource.hash();
  }
  int applies() const { return locked(applies_); }
  int host_set_applies() const { return locked(host_set_applies_); }

 private:
  template <class T>
  T locked(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }
  void take(configsync::ResourceMap all, int& counter) {
    {
      const std::lock_guard lock(mutex_);
      serving_ = std::move(all);
      ++counter;
    }
    changes_.notify();
  }

  Changes& changes_;
  mutable std::mutex mutex_;
  configsync::ResourceMap serving_;
  int applies_ = 0;
  int host_set_applies_ = 0;
};

class GrpcTest : public testing::Test {
 protected:
  std::unique_ptr<controller::PushServer> serve(controller::PushServer::Options options = {}) {
    if (options.listen.empty()) options.listen = "127.0.0.1:0";
    auto server = controller::PushServer::start(std::move(options));
    EXPECT_TRUE(server) << server.error().message;
    if (!server) return nullptr;
    (*server)->on_change([this] { changes_.notify(); });
    return std::move(*server);
  }

  configsync::SyncOptions client_options(std::uint16_t port, const std::string& id = "pod-1") {
    configsync::SyncOptions out;
    out.target = "127.0.0.1:" + std::to_string(port);
    out.node_id = id;
    out.build = "test";
    out.first_retry = std::chrono::milliseconds(20);
    out.longest_retry = std::chrono::milliseconds(100);
    out.status_changed = [this] { changes_.notify(); };
    return out;
  }

  // What the controller knows of the one data plane; default-made when there is none.
  static controller::NodeReport only_node(const controller::PushServer& server) {
    const auto all = server.report();
    return all.size() == 1 ? all.front() : controller::NodeReport();
  }
  bool settled(const controller::PushServer& server) {
    return changes_.wait([&] { return only_node(server).settled; });
  }

  Changes changes_;
};

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    path_ = testing::TempDir() + "ropewalk-sync-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace ropewalk::sync_test
