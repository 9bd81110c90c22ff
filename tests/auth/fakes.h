// A worker, a client request and a backend call that a test plays: fetches wait until the test
// answers them, posted tasks until it runs them.
#pragma once

#include "dataplane/pipeline/filter.h"
#include "dataplane/pipeline/gate.h"
#include "dataplane/pipeline/services.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::auth_testing {

class World {
 public:
  World() {
    services.fetch = [this](pipeline::FetchRequest request, pipeline::FetchDone done) {
      asked.push_back({std::move(request), std::move(done)});
    };
    services.post = [this](std::function<void()> task) {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
      more_.notify_all();
    };
  }

  struct Asked {
    pipeline::FetchRequest request;
    pipeline::FetchDone done;
  };

  // Answers the oldest open fetch and runs what follows.
  void answer(Result<pipeline::FetchAnswer> with) {
    auto done = std::move(asked.front().done);
    asked.erase(asked.begin());
    done(std::move(with));
    run();
  }
  void answer_json(std::string body, unsigned status = 200) {
    answer(pipeline::FetchAnswer{status, {{"Content-Type", "application/json"}}, std::move(body)});
  }
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      if (tasks_.empty()) return;
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }
  // Waits for a task of another thread.
  void run_one() {
    std::unique_lock lock(mutex_);
    more_.wait(lock, [this] { return !tasks_.empty(); });
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }

  runtime::TimerWheel wheel{runtime::Clock::now()};
  pipeline::Services services{.worker = 0, .workers = 1, .wheel = wheel, .fetch = {}, .post = {}};
  std::vector<Asked> asked;

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::function<void()>> tasks_;
};

class FakePassage final : public pipeline::Passage {
 public:
  explicit FakePassage(World& world) : world_(world) { head = &head_; }
  ~FakePassage() override { forget(); }

  void add(std::string_view name, std::string_view value) {
    pipeline::add_field(head_.fields, arena, name, value);
  }
  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> out;
    for (const http::Field& field : head_.fields)
      if (field.name == name) out.emplace_back(field.value);
    return out;
  }
  // 0 when it passed, the status of the answer when not, nothing while it waits.
  std::optional<unsigned> outcome(const pipeline::Gate& gate) {
    took(gate.run(*this));
    return result;
  }

  pipeline::Services& services() override { return world_.services; }
  void answer(unsigned status, std::string_view, std::string_view text) override {
    answered = status;
    body = text;
  }
  void refuse(unsigned status, std::string_view text) override { answer(status, "", text); }

  std::optional<unsigned> result;
  unsigned answered = 0;
  std::string body;

 private:
  void resumed(pipeline::Step step) override { took(step); }
  void took(pipeline::Step step) {
    if (step != pipeline::Step::wait) result = step == pipeline::Step::next ? 0 : answered;
  }

  World& world_;
  http::RequestHead head_;
};

class FakeFlow final : public pipeline::Flow {
 public:
  explicit FakeFlow(World& world) : passage_(world), world_(world) {}
  ~FakeFlow() override { forget(); }

  std::optional<pipeline::Step> request_step(const pipeline::Filter& filter) {
    const auto step = filter.on_request(*this);
    if (step != pipeline::Step::wait) result = step;
    return result;
  }
  std::string header(std::string_view name) const {
    const http::Field* field = pipeline::find_field(request.headers, name);
    return field ? std::string(field->value) : std::string();
  }

  pipeline::Services& services() override { return world_.services; }
  const pipeline::Passage& passage() const override { return passage_; }
  std::shared_ptr<void>& note() override { return note_; }

  std::optional<pipeline::Step> result;

 private:
  void resumed(pipeline::Step step) override { result = step; }

  FakePassage passage_;
  World& world_;
  std::shared_ptr<void> note_;
};

}  // namespace ropewalk::auth_testing
