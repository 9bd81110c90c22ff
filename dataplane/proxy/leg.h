// One call to one backend: its request out of the endpoint's, its filters, the HTTP call with its
// redirects, its answer decoded and shaped.
//
// Owned by the exchange (or by a shadow run), reused for later requests. Lives on one worker. The
// owner hears exactly one on_leg_done per start(); after cancel() it hears nothing.
#pragma once

#include "dataplane/backend/call.h"
#include "dataplane/json/projection.h"
#include "dataplane/pipeline/chain.h"
#include "dataplane/pipeline/gate.h"
#include "dataplane/proxy/serving.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ropewalk::telemetry {
struct Trace;
}

namespace ropewalk::proxy {

// Work that no client waits for.
struct Background {
  virtual ~Background() = default;
};

// What exchanges and legs borrow from their worker.
struct WorkerContext {
  backend::Environment& backends;
  backend::Pool& pool;
  json::Scratch& scratch;
  pipeline::Services& services;
  std::unordered_map<std::uint64_t, std::unique_ptr<Background>> background;
  std::uint64_t next_background = 0;
};

class Leg;

class LegOwner {
 public:
  // An answer (response() or partial()), or error().
  virtual void on_leg_done(Leg& leg) = 0;
  virtual const pipeline::Passage& leg_passage() const = 0;
  virtual telemetry::Trace* leg_trace() { return nullptr; }  // null: not traced

  // Streaming only; on_leg_done follows when the stream breaks, on_leg_data with `last` otherwise.
  virtual void on_leg_head(Leg&, const http::ResponseHead&) {}
  virtual void on_leg_data(Leg&, std::string_view, bool last) { (void)last; }
  virtual void on_leg_idle(Leg&) {}
  virtual void on_leg_wants_body(Leg&) {}

 protected:
  ~LegOwner() = default;
};

// A filter that waits with the head of a streamed answer: whatever it waits for comes too late.
inline Error waits_in_stream() {
  return {Kind::internal, Origin::gateway, Retry::no, "a filter waits in a stream", 0, {}};
}

// How the request's body travels to a backend.
struct BodyPlan {
  backend::RequestBody kind = backend::RequestBody::none;
  std::uint64_t length = 0;  // kind length
};

class Leg final : public pipeline::Flow, public backend::CallOwner {
 public:
  Leg(WorkerContext& worker, LegOwner& owner, std::size_t part);
  ~Leg() override;

  // What a call is made of; everything outlives the leg's run.
  struct Job {
    const compile::BackendPlan* plan = nullptr;
    const compile::Graph* graph = nullptr;
    Serving* serving = nullptr;
    backend::Targets* targets = nullptr;
    const pipeline::Request* from = nullptr;   // the endpoint's request
    std::span<const std::string_view> values;  // of plan->url's parameters
    BodyPlan body;
    bool streams = false;            // the answer goes to the owner piece by piece
    bool unpacks = true;             // a gzip answer is unpacked here
    bool no_op = false;              // the endpoint passes the answer through
    bool decodes_at_once = false;    // complete() is asked when the leg is done
    runtime::Clock::time_point now;  // when the call begins
    runtime::Clock::time_point deadline;
  };
  void start(const Job& job);
  // Nobody waits any more: filters hear `why`, the owner hears nothing.
  void cancel(const Error& why);
  bool active() const { return state_ != State::idle; }
  // Its outcome is not looked at any more: what was large is not kept for the next run. The last
  // run may be one of a configuration that is gone.
  void give_back();

  // --- the outcome
  const std::size_t part;  // position of the backend at its endpoint
  // Decodes what came, unless that has been done; failure() and partial() count afterwards. What
  // they point to is in the worker's scratch: merge at once.
  void evaluate();
  const std::optional<Error>& failure() const { return failure_; }
  const json::Partial& partial() const { return partial_; }
  // With decodes_at_once or filters: a whole answer, or nothing of one.
  bool complete() const { return complete_; }
  bool failed() const { return failure_ && !has_answer_; }
  json::Value data() const;
  bool reached() const { return reached_; }  // a call was made
  const backend::Call& call() const { return call_; }
  // Of the answer, wherever it came from.
  unsigned status() const { return chain_.empty() ? call_.status() : response.status; }
  std::string_view content_type() const {
    return chain_.empty() ? call_.content_type() : std::string_view(answered_type_);
  }
  // The body of an answer whose status does not count (backend/http.return_error_code).
  std::string_view refused_body() const { return decoded_; }
  // "error_<name>" where error details are the answer, else "".
  std::string_view details_key() const {
    const bool details =
        failure_ && failure_->kind == Kind::status && !job_.plan->error_details.empty();
    return details ? error_key_ : std::string_view();
  }
  // The bytes of a text (encoding string) that nothing has changed, while partial() counts; its
  // data is null without.
  std::string_view raw_text() const { return raw_text_; }
  std::uint64_t took_us() const { return took_us_; }
  runtime::Clock::time_point started() const { return started_; }
  std::uint64_t span() const { return span_; }  // of the trace, 0 without one
  std::string_view method() const { return call_request_.method; }

  // --- streaming
  void resume_stream() { call_.resume(); }
  void send_body(std::string_view piece, bool last) { call_.send_body(piece, last); }
  bool filtered() const { return !chain_.empty(); }

  // Flow
  pipeline::Services& services() override { return worker_.services; }
  const pipeline::Passage& passage() const override { return owner_.leg_passage(); }
  std::shared_ptr<void>& note() override { return chain_.note(); }

 private:
  enum class State : std::uint8_t { idle, filtering, calling, answering };

  // request (leg_request.cc)
  Result<void> build();
  void materialise();
  void serialise(const pipeline::Request& request, std::string_view path, bool narrow);
  void append_query(const pipeline::Request& request, std::string_view path, bool narrow);
  void append_fields(const pipeline::Request& request, bool narrow);

  void descend();
  void dispatch();
  backend::Call::Options call_options(const net::ClientTls* tls) const;
  void ascend_client();
  void decode(runtime::Clock::time_point now);
  bool decode_into_partial(std::string_view body, unsigned status);
  void keep_partial();
  void ascend_backend();
  void finish(runtime::Clock::time_point now = runtime::Clock::now());
  void stop_clock(runtime::Clock::time_point now);
  void fail_with(Error error);
  void resumed(pipeline::Step step) override;
  bool redirect(const http::Fields& fields);
  void call_again(const compile::Host* called);

  // backend::CallOwner
  void on_call_done(backend::Call& call) override;
  void on_call_failed(backend::Call& call, Error error) override;
  bool suffices(backend::Call& call, std::string_view come) override;
  void on_call_head(backend::Call& call) override;
  void on_call_data(backend::Call& call, std::string_view piece, bool last) override;
  void on_call_idle(backend::Call& call) override;
  void on_call_wants_body(backend::Call& call) override;

  // answers (leg_answer.cc)
  Result<std::string_view> unpacked_body();
  Result<void> unpack(std::string_view body, bool cut);
  Error status_error(std::string_view body, unsigned status);
  Result<json::Partial> project(std::string_view body);
  Result<std::string_view> as_json(std::string_view body);
  Result<json::Partial> run_flatmap(const json::Partial& target);
  std::string_view padded(std::string text);

  WorkerContext& worker_;
  LegOwner& owner_;
  Job job_;
  State state_ = State::idle;
  bool reached_ = false;
  bool streaming_ = false;  // the owner has the head
  bool complete_ = false;
  bool has_answer_ = false;  // decoded_ (or response, for no-op) holds it
  bool decoded_at_once_ = false;
  std::size_t redirects_ = 0;
  bool own_referer_ = false;  // the client sent none
  bool stayed_ = false;       // the answer is a redirect to another host, which is not followed
  backend::Call call_;
  backend::Request call_request_;
  pipeline::Chain chain_;
  std::string path_;       // of the backend request, with the query of its url_pattern
  std::string elsewhere_;  // the destination of a redirect or a filter
  backend::Targets detour_;
  std::shared_ptr<const compile::HostList> detour_hosts_;
  std::optional<Error> failure_;
  json::Partial partial_;
  runtime::Clock::time_point started_;
  std::uint64_t span_ = 0;
  std::uint64_t took_us_ = 0;
  std::string answered_type_;  // Content-Type of the answer as the client filters left it
  std::string decoded_;        // unpacked body, or the text of error details, or data as text
  std::string json_;           // the body as JSON text, where its encoding is another
  std::string_view raw_text_;
  std::string error_key_;  // "error_<name>" of error details
  json::Member error_member_;
};

}  // namespace ropewalk::proxy
