// A request that passes one script filter in a test, without sockets.
#pragma once

#include "common/json/value.h"
#include "dataplane/filters/lua/lua.h"
#include "dataplane/pipeline/gate.h"
#include "ropewalk/config/v1/config.pb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace ropewalk::lua::testing {

using pipeline::Step;

struct World {
  runtime::TimerWheel wheel{runtime::Clock::now()};
  std::vector<pipeline::FetchRequest> fetched;
  std::vector<pipeline::FetchDone> waiting;
  pipeline::Services services{.wheel = wheel,
                              .fetch =
                                  [this](pipeline::FetchRequest request, pipeline::FetchDone done) {
                                    fetched.push_back(std::move(request));
                                    waiting.push_back(std::move(done));
                                  },
                              .post = [](std::function<void()>) {}};

  // Answers the oldest open call.
  void answer(Result<pipeline::FetchAnswer> with) {
    auto done = std::move(waiting.front());
    waiting.erase(waiting.begin());
    done(std::move(with));
  }
};

class FakePassage final : public pipeline::Passage {
 public:
  explicit FakePassage(World& world) : world_(world) { head = &request; }
  pipeline::Services& services() override { return world_.services; }
  void answer(unsigned status, std::string_view type, std::string_view text) override {
    answered = status;
    content_type = type;
    body_sent = text;
  }
  void refuse(unsigned status, std::string_view text) override { answer(status, "", text); }
  void resumed(Step step) override { resumed_with = step; }

  http::RequestHead request;
  unsigned answered = 0;
  std::string content_type;
  std::string body_sent;
  std::optional<Step> resumed_with;

 private:
  World& world_;
};

class FakeFlow final : public pipeline::Flow {
 public:
  explicit FakeFlow(World& world) : world_(world), passage_(world) {}
  pipeline::Services& services() override { return world_.services; }
  const pipeline::Passage& passage() const override { return passage_; }
  std::shared_ptr<void>& note() override { return note_; }
  void resumed(Step step) override { resumed_with = step; }
  std::optional<Step> resumed_with;

 private:
  World& world_;
  FakePassage passage_;
  std::shared_ptr<void> note_;
};

inline std::string block(const json::Value& value) { return json::to_string(value); }

// The text of a block with these scripts.
struct Block {
  json::Value value = json::Value::object();
  Block& pre(std::string_view code) { return set("pre", json::Value(code)); }
  Block& post(std::string_view code) { return set("post", json::Value(code)); }
  Block& open() { return set("allow_open_libs", json::Value(true)); }
  Block& skip_next() { return set("skip_next", json::Value(true)); }
  Block& set(std::string_view key, json::Value with) {
    value.set(key, std::move(with));
    return *this;
  }
  Block& file(std::string_view list, std::string_view name, std::string_view text) {
    json::Value entry = json::Value::object();
    entry.set("name", json::Value(name));
    entry.set("text", json::Value(text));
    json::Value* known = value.find(list);
    if (!known) known = &value.set(list, json::Value::list());
    known->elements().push_back(std::move(entry));
    return *this;
  }
  std::string text() const { return json::to_string(value); }
};

inline std::shared_ptr<const pipeline::Filter> filter(
    const Block& block, config::Level level = config::Level::endpoint) {
  static const config::v1::Service service = [] {
    config::v1::Service made;
    made.mutable_router()->set_return_error_msg(true);
    return made;
  }();
  static const config::v1::Endpoint endpoint;
  static const config::v1::Backend backend;
  const std::string text = block.text();
  pipeline::Site site{.level = level, .text = text, .service = &service, .endpoint = &endpoint};
  if (level == config::Level::backend) site.backend = &backend;
  auto made = make_filter(site);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? *made : nullptr;
}

// What a post script makes of the data; "status text" of an error.
inline std::string post(std::string_view code, std::string_view data = R"({"id":42})",
                        bool open = false) {
  World world;
  Block scripts;
  scripts.post(code);
  if (open) scripts.open();
  const auto made = filter(scripts);
  if (!made) return "not made";
  FakeFlow flow(world);
  EXPECT_EQ(made->on_request(flow), Step::next);
  flow.response.data = *json::parse(data);
  flow.response.complete = true;
  const Step step = made->on_response(flow);
  if (step == Step::fail) return std::to_string(flow.error.status) + " " + flow.error.message;
  EXPECT_EQ(step, Step::next);
  return json::to_string(flow.response.data);
}

// The same for the value of an expression, under "r".
inline std::string value_of(std::string_view expression, bool open = true) {
  return post("response.load():data():set('r', (" + std::string(expression) + "))", "{}", open);
}

}  // namespace ropewalk::lua::testing
