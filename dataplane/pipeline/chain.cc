#include "dataplane/pipeline/chain.h"

namespace ropewalk::pipeline {

void Chain::begin(const Filters& filters) {
  filters_ = &filters;
  open_ = 0;
  descending_ = true;
  if (filters.empty() && notes_.empty()) return;
  notes_.clear();
  notes_.resize(filters.size());
}

Step Chain::down(Flow& flow) {
  descending_ = true;
  while (open_ < filters_->size()) {
    running_ = open_;
    const Step step = settle(flow, (*filters_)[running_]->on_request(flow));
    if (step != Step::next) return step;
  }
  return Step::next;
}

Step Chain::up(Flow& flow, std::size_t level) {
  descending_ = false;
  while (open_ > level) {
    running_ = open_ - 1;
    const Step step = settle(flow, (*filters_)[running_]->on_response(flow));
    if (step != Step::next) return step;
  }
  return Step::next;
}

Step Chain::settle(Flow& flow, Step step) {
  if (step == Step::wait) return step;
  // Upwards the filter is through whatever it decided; downwards only when the request went past.
  if (!descending_)
    --open_;
  else if (step == Step::next)
    ++open_;
  if (!descending_ && step == Step::done) return Step::next;
  if (step == Step::fail) fail(flow);
  return step;
}

void Chain::fail(Flow& flow) {
  while (open_ > 0) {
    running_ = --open_;
    (*filters_)[running_]->on_error(flow);
  }
}

bool Chain::recover(Flow& flow) {
  while (open_ > 0) {
    running_ = --open_;
    const Filter& filter = *(*filters_)[running_];
    if (filter.recovers(flow)) return true;
    filter.on_error(flow);
  }
  return false;
}

}  // namespace ropewalk::pipeline
