// A filter on the way of a request to its backends and of the answer back. The same interface
// serves three stages:
//   proxy    once per request: the endpoint's request, the merged answer (Response.data)
//   backend  once per backend call: its request, its decoded and shaped answer (Response.data)
//   client   around the HTTP call itself: the answer is status, headers and bytes (Response.body)
// A filter is made while a configuration is compiled, then immutable and used by every worker;
// what it counts for the whole gateway is its own business (atomics, or a short mutex never held
// over a callback). State of one request lives in Flow::note().
#pragma once

#include "common/error.h"
#include "dataplane/pipeline/message.h"
#include "dataplane/pipeline/services.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace ropewalk::pipeline {

class Passage;

enum class Step : std::uint8_t {
  next,
  wait,  // suspend() was called: the Waker goes on later
  done,  // on_request: Flow::response is the answer, nothing below is asked
  fail,  // Flow::error says why
};

class Flow;

// Goes on with a flow that waits. Outlives it: after the flow's end (a deadline, a client that
// left) it does nothing. On the worker of the flow only; see Services::post.
class Waker {
 public:
  Waker() = default;
  explicit Waker(Flow* flow) : link_(std::make_shared<Flow*>(flow)) {}
  // Null when nobody waits any more.
  Flow* flow() const { return link_ ? *link_ : nullptr; }
  void resume(Step step) const;

 private:
  friend class Flow;
  std::shared_ptr<Flow*> link_;
};

class Flow {
 public:
  virtual ~Flow() { forget(); }

  Request request;
  Response response;
  Error error;  // of Step::fail; in on_error the failure below

  virtual Services& services() = 0;
  // The client's request as the gates left it: address, claims, original head.
  virtual const Passage& passage() const = 0;
  // What the running filter keeps for this request, empty at its on_request.
  virtual std::shared_ptr<void>& note() = 0;

  // The filter returns Step::wait next.
  Waker suspend() {
    waker_ = Waker(this);
    return waker_;
  }

 protected:
  // Gives back what filters made of a request that is answered.
  void drop_made() {
    request.arena.clear();
    response.headers.clear();
    response.data = nullptr;
    response.arena.clear();
  }

  friend class Waker;
  virtual void resumed(Step step) = 0;
  // Wakers that are still about find nobody.
  void forget() {
    if (waker_.link_) *waker_.link_ = nullptr;
  }

 private:
  Waker waker_;
};

// What a filter around one backend (stage backend) wants of its answer, in rising order.
enum class AnswerUse : std::uint8_t {
  nothing,  // its on_response does not look at it: the answer is decoded when it is merged
  outcome,  // whether it could be decoded: on_response, or on_error
  data,     // Response.data, a tree
};

class Filter {
 public:
  virtual ~Filter() = default;
  // Once per configuration, on one worker, before its first request: to fetch ahead.
  virtual void begin(Services&) const {}
  virtual Step on_request(Flow&) const { return Step::next; }
  // Answers travel backwards through the filters whose on_request returned next.
  virtual Step on_response(Flow&) const { return Step::next; }
  // In place of on_response when what is below failed (Flow::error), timed out or was cancelled.
  // The error goes on; nothing may wait.
  virtual void on_error(Flow&) const {}
  // Around the HTTP call only, in place of on_error where there is still time for an answer: true
  // when Flow::response is one that stands in for the failure. The filters above get it.
  virtual bool recovers(Flow&) const { return false; }
  // Whether a no-op endpoint must hold the whole answer for this filter.
  virtual bool needs_answer_body() const { return false; }
  // The same for the request's body.
  virtual bool needs_request_body() const { return false; }
  // Stage backend. A filter that answers itself (Step::done) or changes answers says data.
  virtual AnswerUse answer_use() const { return AnswerUse::data; }
};

inline void Waker::resume(Step step) const {
  Flow* const waiting = flow();
  if (!waiting) return;
  *link_ = nullptr;
  waiting->resumed(step);
}

}  // namespace ropewalk::pipeline
