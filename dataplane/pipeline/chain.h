// Runs the filters of one flow: requests downwards, answers and errors back through those that the
// request has passed. Lives on one worker.
#pragma once

#include "dataplane/pipeline/filter.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace ropewalk::pipeline {

using Filters = std::vector<std::shared_ptr<const Filter>>;

class Chain {
 public:
  // `filters` outlives the run.
  void begin(const Filters& filters);

  // Runs on_request of every filter below the open ones. next: all have passed; done: the answer
  // is in the flow, go up; fail: fail() has been called; wait: settle() follows.
  Step down(Flow& flow);
  // Runs on_response upwards until `level` filters are open.
  Step up(Flow& flow, std::size_t level);
  // What the waiting filter decided. The caller goes on with down() or up() after next.
  Step settle(Flow& flow, Step step);
  bool descending() const { return descending_; }

  // Tells every open filter of Flow::error.
  void fail(Flow& flow);
  // The same, but a filter may put an answer in place of the error: true when one has, and those
  // above it are still open; go up.
  bool recover(Flow& flow);

  std::size_t open() const { return open_; }
  bool empty() const { return !filters_ || filters_->empty(); }
  std::shared_ptr<void>& note() { return notes_[running_]; }

 private:
  const Filters* filters_ = nullptr;
  std::size_t open_ = 0;     // filters that the request has passed and no answer yet
  std::size_t running_ = 0;  // the filter that is asked
  bool descending_ = true;
  std::vector<std::shared_ptr<void>> notes_;
};

}  // namespace ropewalk::pipeline
