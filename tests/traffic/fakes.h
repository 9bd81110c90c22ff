// A flow, a passage and a worker that only remember what a filter or gate does to them.
#pragma once

#include "dataplane/pipeline/factory.h"
#include "ropewalk/config/v1/config.pb.h"

#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ropewalk::testing {

// Tasks run when run() is called.
class FakeWorker {
 public:
  FakeWorker()
      : wheel_(runtime::Clock::time_point{}),
        services_{.wheel = wheel_, .fetch = {}, .post = [this](std::function<void()> task) {
                    tasks_.push_back(std::move(task));
                  }} {}

  pipeline::Services& services() { return services_; }
  void run() {
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }

 private:
  runtime::TimerWheel wheel_;
  std::deque<std::function<void()>> tasks_;
  pipeline::Services services_;
};

using Headers = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline void set_fields(http::Fields& fields, Headers headers) {
  fields.clear();
  for (const auto& [name, value] : headers) fields.add(name, value, http::field_id(name));
}

class FakePassage final : public pipeline::Passage {
 public:
  explicit FakePassage(FakeWorker& worker) : worker_(worker) {
    head = &head_;
    client_address = "192.0.2.1";
  }
  ~FakePassage() override { forget(); }

  void send(Headers headers) { set_fields(head_.fields, headers); }
  pipeline::Services& services() override { return worker_.services(); }
  void answer(unsigned code, std::string_view, std::string_view text) override {
    status = code;
    body = std::string(text);
  }
  void refuse(unsigned code, std::string_view text) override { answer(code, "", text); }

  unsigned status = 0;
  std::string body;

 private:
  void resumed(pipeline::Step) override {}
  FakeWorker& worker_;
  http::RequestHead head_;
};

class FakeFlow final : public pipeline::Flow {
 public:
  FakeFlow(FakeWorker& worker, const pipeline::Passage& passage)
      : worker_(worker), passage_(passage) {}
  ~FakeFlow() override { forget(); }

  pipeline::Services& services() override { return worker_.services(); }
  const pipeline::Passage& passage() const override { return passage_; }
  std::shared_ptr<void>& note() override { return note_; }

  void answer(unsigned status, Headers headers, std::string body) {
    response.status = status;
    set_fields(response.headers, headers);
    response.body = std::move(body);
  }

  std::optional<pipeline::Step> woken;

 private:
  void resumed(pipeline::Step step) override { woken = step; }
  FakeWorker& worker_;
  const pipeline::Passage& passage_;
  std::shared_ptr<void> note_;
};

// A place at an endpoint with one backend.
class FakeSite {
 public:
  pipeline::Site at(std::string_view text, std::string_view id = "here") {
    return {.level = config::Level::backend,
            .text = text,
            .id = id,
            .service = &service,
            .endpoint = &endpoint,
            .backend = &backend,
            .states = &states};
  }
  config::v1::Service service;
  config::v1::Endpoint endpoint;
  config::v1::Backend backend;
  pipeline::StateRegistry states;
};

}  // namespace ropewalk::testing
