#include "dataplane/proxy/exchange.h"

#include "common/strings.h"
#include "dataplane/codec/gunzip.h"

namespace ropewalk::proxy {
namespace {

using runtime::Clock;

// A merge of several backends gets this share of the endpoint's timeout (KrakenD), so that a
// partial answer still fits.
constexpr double kMergeShare = 0.85;

}  // namespace

Exchange::Exchange(WorkerContext& worker, ClientSide& client)
    : worker_(worker),
      client_(client),
      deadline_([](void* self) { static_cast<Exchange*>(self)->on_deadline(); }, this) {}

Exchange::~Exchange() = default;

void Exchange::start(const compile::EndpointPlan& plan, Serving::EndpointState& state,
                     const compile::Graph& graph, const ClientRequest& request) {
  plan_ = &plan;
  graph_ = &graph;
  state_ = &state;
  request_ = request;
  active_ = true;
  stream_open_ = unpack_stream_ = sniff_stream_ = false;
  outcome_ = {};
  records_.clear();

  if (!plan.problem.empty()) return answer_plain(503, "text/plain; charset=utf-8", "", true);
  if (const auto decoded = decode_parameters(request.parameters); !decoded)
    return answer_plain(400, "text/plain; charset=utf-8", "error: " + decoded.error().message,
                        false);

  const std::size_t count = plan.backends.size();
  if (parts_.size() < count) parts_.resize(count);
  const bool has_body = request.head->body != http::BodyKind::none;
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = parts_[i];
    if (!part.call) part.call = std::make_unique<backend::Call>(worker_.backends, *this, i);
    part.called = part.answered = false;
    part.error.reset();
    part.partial = {};
    // When every backend only reads, one of them gets the body (KrakenD shares one reader).
    build_request(part, plan.backends[i], has_body && (plan.sends_body_to_all || i == 0));
  }

  const Clock::time_point now = Clock::now();
  const double share = count > 1 ? kMergeShare : 1.0;
  const auto budget = compile::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(plan.timeout.count()) * share));
  deadline_at_ = now + budget;
  worker_.backends.wheel.arm(deadline_, deadline_at_);
  pending_ = count;
  launching_ = true;
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = parts_[i];
    part.started = now;
    ++state.backends[i].counters->calls;
    if (part.error) {  // the request could not be built
      arrived(part);
    } else if (budget.count() <= 0) {
      part.error = Error{Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded"};
      arrived(part);
    } else {
      part.called = true;
      part.call->start(part.request, graph.settings, plan.backends[i], state.backends[i].targets,
                       plan.streams);
    }
  }
  launching_ = false;
  if (pending_ == 0 && active_) answer();
}

void Exchange::cancel() {
  if (!active_) return;
  active_ = false;
  deadline_.cancel();
  for (Part& part : parts_)
    if (part.call) part.call->cancel();
}

void Exchange::arrived(Part& part) {
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - part.started);
  part.took_us = static_cast<std::uint64_t>(took.count());
  --pending_;
}

// Counts every part and writes its record, when all that can fail has failed.
void Exchange::account() {
  for (std::size_t i = 0; i < plan_->backends.size(); ++i) {
    const Part& part = parts_[i];
    telemetry::BackendCounters& counters = *state_->backends[i].counters;
    counters.latency.record(part.took_us);
    if (part.error) ++counters.errors[static_cast<std::size_t>(part.error->kind)];
    if (part.called && part.call->retried()) ++counters.retries;
    telemetry::PartRecord& record = records_.emplace_back();
    record.backend = plan_->backends[i].display_name;
    if (part.called) {
      record.address = part.call->address();
      record.status = part.call->status();
    }
    record.duration_us = part.took_us;
    if (part.error) record.error = part.error->message;
  }
}

void Exchange::on_call_done(backend::Call& call) {
  Part& part = parts_[call.index];
  part.answered = Clock::now() < deadline_at_;
  if (!part.answered)
    part.error = Error{Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded"};
  arrived(part);
  if (pending_ == 0 && !launching_) answer();
}

void Exchange::on_call_failed(backend::Call& call, Error error) {
  Part& part = parts_[call.index];
  part.error = std::move(error);
  arrived(part);
  if (stream_open_) return break_stream();
  if (pending_ == 0 && !launching_) answer();
}

void Exchange::on_deadline() {
  for (std::size_t i = 0; i < plan_->backends.size(); ++i) {
    Part& part = parts_[i];
    if (!part.called || part.answered || part.error) continue;
    part.call->cancel();
    part.error = Error{Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded"};
    arrived(part);
  }
  if (stream_open_) return break_stream();
  answer();
}

// The client has a part of the answer: it must not take it for the whole.
void Exchange::break_stream() {
  account();
  end(outcome_.status, false);
  client_.abort();
}

// --- streaming
// -------------------------------------------------------------------------------------------------------

void Exchange::on_call_wants_body(backend::Call&) { client_.read_body(); }

void Exchange::on_body(std::string_view piece, bool last) {
  if (active_ && !parts_.empty()) parts_[0].call->send_body(piece, last);
}

void Exchange::on_client_ready() {
  if (active_) parts_[0].call->resume();
}

void Exchange::on_call_idle(backend::Call&) {
  if (!stream_open_) open_stream({});
  client_.flush();
}

void Exchange::on_call_data(backend::Call& call, std::string_view piece, bool last) {
  Part& part = parts_[0];
  std::string_view out = piece;
  if (unpack_stream_) {
    unpacked_.clear();
    auto fed = gunzip_->feed(piece, unpacked_);
    if (fed && last) fed = gunzip_->finish();
    if (!fed) {
      call.cancel();
      return on_call_failed(call, std::move(fed.error()));
    }
    out = unpacked_;
  }
  if (!stream_open_) open_stream(out);
  if (last) {
    part.answered = true;
    arrived(part);
    account();
    end(outcome_.status, false);
  }
  client_.write(out, last);
}

void Exchange::end(unsigned status, bool completed) {
  deadline_.cancel();
  active_ = false;
  outcome_.status = status;
  outcome_.completed = completed;
  outcome_.parts = records_;
}

}  // namespace ropewalk::proxy
