#include "dataplane/pipeline/chain.h"

#include <gtest/gtest.h>

#include <functional>

namespace ropewalk::pipeline {
namespace {

using Log = std::vector<std::string>;

struct Scripted final : Filter {
  Scripted(std::string filter_name, Log& events, Step down = Step::next, Step up = Step::next)
      : name(std::move(filter_name)), log(events), on_down(down), on_up(up) {}
  Step on_request(Flow& flow) const override {
    log.push_back("down " + name);
    flow.note() = std::make_shared<std::string>(name);
    if (on_down == Step::wait) flow.suspend();
    return on_down;
  }
  Step on_response(Flow& flow) const override {
    log.push_back("up " + name + " " + *std::static_pointer_cast<std::string>(flow.note()));
    if (on_up == Step::wait) flow.suspend();
    return on_up;
  }
  void on_error(Flow&) const override { log.push_back("error " + name); }
  bool recovers(Flow&) const override { return recovery; }
  std::string name;
  Log& log;
  Step on_down;
  Step on_up;
  bool recovery = false;
};

class TestFlow final : public Flow {
 public:
  Services& services() override { std::abort(); }
  const Passage& passage() const override { std::abort(); }
  std::shared_ptr<void>& note() override { return chain.note(); }
  void resumed(Step step) override { last = chain.settle(*this, step); }
  using Flow::forget;
  Chain chain;
  Step last = Step::wait;
};

Filters filters(std::initializer_list<std::shared_ptr<const Filter>> list) { return list; }

TEST(Chain, GoesDownAndBackUp) {
  Log log;
  const Filters all =
      filters({std::make_shared<Scripted>("a", log), std::make_shared<Scripted>("b", log),
               std::make_shared<Scripted>("c", log)});
  TestFlow flow;
  flow.chain.begin(all);
  EXPECT_EQ(flow.chain.down(flow), Step::next);
  EXPECT_EQ(flow.chain.up(flow, 1), Step::next);
  EXPECT_EQ(flow.chain.open(), 1u);
  EXPECT_EQ(flow.chain.up(flow, 0), Step::next);
  EXPECT_EQ(log, (Log{"down a", "down b", "down c", "up c c", "up b b", "up a a"}));
}

TEST(Chain, AFailureGoesUpThroughThoseThatWerePassed) {
  Log log;
  const Filters all = filters({std::make_shared<Scripted>("a", log),
                               std::make_shared<Scripted>("b", log, Step::fail),
                               std::make_shared<Scripted>("c", log)});
  TestFlow flow;
  flow.chain.begin(all);
  EXPECT_EQ(flow.chain.down(flow), Step::fail);
  EXPECT_EQ(log, (Log{"down a", "down b", "error a"}));
  EXPECT_EQ(flow.chain.open(), 0u);
}

TEST(Chain, AnAnswerInPlaceOfAFailureGoesUp) {
  Log log;
  const auto middle = std::make_shared<Scripted>("b", log);
  const Filters all =
      filters({std::make_shared<Scripted>("a", log), middle, std::make_shared<Scripted>("c", log)});
  for (const bool recovers : {true, false}) {
    middle->recovery = recovers;
    log.clear();
    TestFlow flow;
    flow.chain.begin(all);
    EXPECT_EQ(flow.chain.down(flow), Step::next);
    log.clear();
    EXPECT_EQ(flow.chain.recover(flow), recovers);
    EXPECT_EQ(flow.chain.up(flow, 0), Step::next);
    EXPECT_EQ(log, recovers ? (Log{"error c", "up a a"}) : (Log{"error c", "error b", "error a"}));
  }
}

TEST(Chain, AnAnswerThatIsRefusedFailsTheRest) {
  Log log;
  const Filters all = filters({std::make_shared<Scripted>("a", log),
                               std::make_shared<Scripted>("b", log, Step::next, Step::fail)});
  TestFlow flow;
  flow.chain.begin(all);
  EXPECT_EQ(flow.chain.down(flow), Step::next);
  EXPECT_EQ(flow.chain.up(flow, 0), Step::fail);
  EXPECT_EQ(log, (Log{"down a", "down b", "up b b", "error a"}));
}

TEST(Chain, WhoAnswersHimselfHearsNoAnswer) {
  Log log;
  const Filters all = filters({std::make_shared<Scripted>("a", log),
                               std::make_shared<Scripted>("b", log, Step::done),
                               std::make_shared<Scripted>("c", log)});
  TestFlow flow;
  flow.chain.begin(all);
  EXPECT_EQ(flow.chain.down(flow), Step::done);
  EXPECT_EQ(flow.chain.up(flow, 0), Step::next);
  EXPECT_EQ(log, (Log{"down a", "down b", "up a a"}));
}

TEST(Chain, GoesOnWhereItWaited) {
  Log log;
  const Filters all = filters({std::make_shared<Scripted>("a", log),
                               std::make_shared<Scripted>("b", log, Step::wait, Step::wait),
                               std::make_shared<Scripted>("c", log)});
  TestFlow flow;
  flow.chain.begin(all);
  EXPECT_EQ(flow.chain.down(flow), Step::wait);
  const Waker waker = flow.suspend();
  waker.resume(Step::next);
  EXPECT_EQ(flow.last, Step::next);
  EXPECT_EQ(flow.chain.down(flow), Step::next);
  EXPECT_EQ(flow.chain.up(flow, 0), Step::wait);
  flow.suspend().resume(Step::next);
  EXPECT_EQ(flow.chain.up(flow, 0), Step::next);
  EXPECT_EQ(log, (Log{"down a", "down b", "down c", "up c c", "up b b", "up a a"}));
}

TEST(Waker, IsHarmlessAfterTheFlow) {
  Log log;
  const Filters all = filters({std::make_shared<Scripted>("a", log, Step::wait)});
  Waker late;
  late.resume(Step::next);
  {
    TestFlow flow;
    flow.chain.begin(all);
    late = flow.suspend();
    EXPECT_EQ(late.flow(), &flow);
  }
  EXPECT_EQ(late.flow(), nullptr);
  late.resume(Step::next);
  TestFlow again;
  again.chain.begin(all);
  const Waker stopped = again.suspend();
  again.forget();
  stopped.resume(Step::next);
  EXPECT_EQ(again.last, Step::wait);
}

}  // namespace
}  // namespace ropewalk::pipeline
