// A data plane that serves nothing and remembers what it was given.
#pragma once

#include "dataplane/configsync/applier.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk {

// Accepts everything but what a test names.
class Remembering final : public configsync::Applier {
 public:
  std::string check(const config::v1::Resource& resource) override {
    const std::scoped_lock lock(mutex_);
    return resource.name() == refused_ ? "this data plane does not like it" : "";
  }
  void apply(configsync::ResourceMap all,
             std::function<void(std::vector<configsync::Refusal>)> done) override {
    {
      const std::scoped_lock lock(mutex_);
      all_ = std::move(all);
    }
    changed_.notify_all();
    done({});
  }
  void apply_host_sets(configsync::ResourceMap all,
                       std::function<void(std::vector<configsync::Refusal>)> done) override {
    {
      const std::scoped_lock lock(mutex_);
      ++host_set_changes_;
    }
    apply(std::move(all), std::move(done));
  }

  void refuse(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    refused_ = name;
  }
  int host_set_changes() const {
    const std::scoped_lock lock(mutex_);
    return host_set_changes_;
  }
  // Waits until `wanted(resource)` holds for the one of this name (null: there is none).
  bool sees(const std::string& name,
            const std::function<bool(const config::v1::Resource*)>& wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
      const auto found = all_.find(name);
      return wanted(found == all_.end() ? nullptr : found->second.get());
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  configsync::ResourceMap all_;
  std::string refused_;
  int host_set_changes_ = 0;
};

}  // namespace ropewalk
