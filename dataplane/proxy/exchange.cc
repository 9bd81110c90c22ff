#include "dataplane/proxy/exchange.h"

#include "common/strings.h"
#include "dataplane/codec/gunzip.h"
#include "dataplane/http/writer.h"
#include "dataplane/proxy/shadow.h"
#include "dataplane/runtime/kept_memory.h"
#include "dataplane/telemetry/trace.h"

#include <algorithm>

namespace ropewalk::proxy {
namespace {

using pipeline::Step;
using runtime::Clock;

// A merge of several backends, and a race of equal calls, get these shares of the endpoint's
// timeout (KrakenD), so that a partial answer still fits.
constexpr double kMergeShare = 0.85;
constexpr double kRaceShare = 0.75;

Error timed_out() {
  return {Kind::timeout, Origin::backend, Retry::no, "context deadline exceeded", 0, {}};
}

Clock::duration budget_of(const compile::EndpointPlan& plan) {
  double share = plan.backends.size() > 1 ? kMergeShare : 1.0;
  if (plan.concurrent_calls > 1) share = std::min(share, kRaceShare);
  return compile::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(plan.timeout.count()) * share));
}

}  // namespace

Exchange::Exchange(WorkerContext& worker, ClientSide& client)
    : worker_(worker),
      client_(client),
      deadline_([](void* self) { static_cast<Exchange*>(self)->on_deadline(); }, this) {}

Exchange::~Exchange() = default;

void Exchange::start(const compile::EndpointPlan& plan, Serving::EndpointState& state,
                     Serving& serving, const pipeline::Passage& passage) {
  plan_ = &plan;
  serving_ = &serving;
  graph_ = &serving.graph();
  state_ = &state;
  passage_ = &passage;
  active_ = true;
  launched_ = stream_open_ = unpack_stream_ = sniff_stream_ = fixed_added_ = false;
  outcome_ = {};
  error = {};
  records_.clear();
  if (!plan.problem.empty()) return answer_plain(503, "text/plain; charset=utf-8", "", true);

  const auto budget = budget_of(plan);
  began_ = Clock::now();
  deadline_at_ = began_ + budget;
  worker_.backends.wheel.arm(deadline_, deadline_at_);
  build_request();
  response.headers.clear();
  response.arena.clear();
  chain_.begin(plan.filters);
  if (chain_.empty()) return launch();
  descend();
}

void Exchange::descend() {
  switch (chain_.down(*this)) {
    case Step::next:
      return launch();
    case Step::wait:
      return;
    case Step::fail:
      return answer_error();
    case Step::done:
      completed_ = response.complete;
      return ascend();
  }
}

void Exchange::resumed(Step step) {
  const bool descending = chain_.descending();
  switch (chain_.settle(*this, step)) {
    case Step::wait:
      return;
    case Step::fail:
      return answer_error();
    case Step::next:
      return descending ? descend() : ascend();
    case Step::done:
      completed_ = response.complete;
      return ascend();
  }
}

void Exchange::launch() {
  launched_ = true;
  const std::size_t count = plan_->backends.size();
  if (parts_.size() < count) parts_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = parts_[i];
    part.settled = false;
    part.leg = nullptr;
    part.error.reset();
    part.waiting = 0;
  }
  resolve_values();
  if (!plan_->shadows.empty()) launch_shadows();
  pending_ = count;
  launched_parts_ = 0;
  launching_ = true;
  if (plan_->sequential) {
    launch_part(0);
  } else {
    for (std::size_t i = 0; i < count; ++i) launch_part(i);
  }
  launching_ = false;
  if (pending_ == 0 && active_) answer();
}

void Exchange::launch_part(std::size_t index) {
  Part& part = parts_[index];
  launched_parts_ = index + 1;
  const std::size_t calls = plan_->concurrent_calls;
  while (part.legs.size() < calls)
    part.legs.push_back(std::make_unique<Leg>(worker_, *this, index));
  part.waiting = calls;
  Leg::Job job;
  job.plan = &plan_->backends[index];
  job.graph = graph_;
  job.serving = serving_;
  job.targets = &state_->backends[index].targets;
  job.from = &request;
  job.values = values_;
  job.body = body_plan(index);
  job.streams = plan_->streams;
  job.no_op = plan_->output == config::v1::ENCODING_NO_OP;
  job.unpacks = !job.no_op || (graph_->settings.compression && !client_asked_for_gzip());
  job.decodes_at_once = plan_->sequential || calls > 1;
  job.now = chain_.empty() && !plan_->sequential ? began_ : Clock::now();
  job.deadline = deadline_at_;
  for (std::size_t i = 0; i < calls && !part.settled; ++i) {
    ++state_->backends[index].counters->calls;
    part.legs[i]->start(job);
  }
}

void Exchange::launch_shadows() {
  for (std::size_t i = 0; i < plan_->shadows.size(); ++i)
    for (std::size_t call = 0; call < plan_->concurrent_calls; ++call)
      start_shadow(worker_, *serving_, *plan_, i, state_->shadows[i].targets, request, *passage_,
                   values_);
}

void Exchange::cancel() {
  if (!active_) return;
  active_ = false;
  deadline_.cancel();
  const Error gone{Kind::cancelled, Origin::client, Retry::no, "the client has left", 0, {}};
  stop_calls(gone);
  forget();
  if (!chain_.empty()) {
    error = gone;
    chain_.fail(*this);
  }
}

void Exchange::give_back() {
  for (const Part& part : parts())
    for (const auto& leg : part.legs) leg->give_back();
  drop_made();
  runtime::release_if_large(response.body);
  runtime::release_if_large(merged_);
  runtime::release_if_large(unpacked_);
  gunzip_.reset();
}

void Exchange::stop_calls(const Error& why) {
  if (!launched_) return;
  for (std::size_t i = 0; i < plan_->backends.size(); ++i)
    for (const auto& leg : parts_[i].legs) leg->cancel(why);
}

// Counts every part and writes its record, when all that can fail has failed.
void Exchange::account() {
  for (std::size_t i = 0; i < plan_->backends.size(); ++i) {
    const Part& part = parts_[i];
    if (!part.leg && !part.error) continue;  // a sequence ended before it
    const Leg* leg = part.leg ? part.leg : part.legs.front().get();
    telemetry::BackendCounters& counters = *state_->backends[i].counters;
    counters.latency.record(leg->took_us());
    if (part.error) ++counters.errors[static_cast<std::size_t>(part.error->kind)];
    telemetry::PartRecord& record = records_.emplace_back();
    record.backend = plan_->backends[i].display_name;
    if (leg->reached()) {
      if (leg->call().retried()) ++counters.retries;
      record.address = leg->call().address();
      record.status = leg->call().status();
    }
    record.duration_us = leg->took_us();
    if (const telemetry::Trace* trace = client_.trace()) {
      record.span = leg->span();
      const auto after = leg->started() - trace->begun;
      record.started_us = static_cast<std::uint64_t>(std::max<std::int64_t>(
          0, std::chrono::duration_cast<std::chrono::microseconds>(after).count()));
    }
    if (part.error) record.error = part.error->message;
  }
}

void Exchange::on_leg_done(Leg& leg) {
  Part& part = parts_[leg.part];
  if (part.settled) return;
  --part.waiting;
  if (plan_->concurrent_calls == 1 || leg.complete()) {
    part.leg = &leg;
  } else {
    // The last failure counts, an incomplete answer before any.
    const bool better = !part.leg || part.leg->failed() || !leg.failed();
    if (better) part.leg = &leg;
    if (part.waiting > 0) return;
  }
  settle(part);
}

void Exchange::settle(Part& part) {
  part.settled = true;
  for (const auto& other : part.legs)
    if (other.get() != part.leg)
      other->cancel({Kind::cancelled, Origin::gateway, Retry::no, "another call won", 0, {}});
  part.error = part.leg->failure();
  --pending_;
  if (stream_open_) return break_stream();
  const std::size_t next = part.leg->part + 1;
  if (plan_->sequential && pending_ > 0) {
    if (part.leg->complete()) {
      take_response_values(part.leg->part);
      const bool outer = !launching_;
      launching_ = true;
      launch_part(next);
      if (outer) launching_ = false;
      if (!outer) return;
    } else {
      pending_ = 0;  // what comes later is not asked
    }
  }
  if (pending_ == 0 && !launching_ && active_) answer();
}

void Exchange::on_deadline() {
  if (!launched_) {
    forget();
    error = timed_out();
    if (!chain_.empty()) chain_.fail(*this);
    return answer_error();
  }
  if (pending_ == 0) {  // the answer waits at a filter
    forget();
    error = timed_out();
    chain_.fail(*this);
    return answer_error();
  }
  for (std::size_t i = 0; i < launched_parts_; ++i) {
    Part& part = parts_[i];
    if (part.settled) continue;
    for (const auto& leg : part.legs) leg->cancel(timed_out());
    part.settled = true;
    part.error = timed_out();
  }
  pending_ = 0;
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

void Exchange::on_leg_wants_body(Leg&) { client_.read_body(); }

void Exchange::on_body(std::string_view piece, bool last) {
  if (active_ && launched_) parts_[0].legs[0]->send_body(piece, last);
}

void Exchange::on_client_ready() {
  if (active_) parts_[0].legs[0]->resume_stream();
}

void Exchange::on_leg_idle(Leg& leg) {
  if (http::bodyless(outcome_.status)) return on_leg_data(leg, {}, false);
  if (!stream_open_) open_stream({});
  client_.flush();
}

void Exchange::on_leg_data(Leg& leg, std::string_view piece, bool last) {
  Part& part = parts_[0];
  std::string_view out = piece;
  if (http::bodyless(outcome_.status)) {
    // A filter has left no place for the backend's body: nobody waits for the rest of it.
    if (!last)
      leg.cancel({Kind::cancelled, Origin::gateway, Retry::no, "the answer has no body", 0, {}});
    out = {};
    last = true;
  } else if (unpack_stream_) {
    unpacked_.clear();
    auto fed = gunzip_->feed(piece, unpacked_);
    if (fed && last) fed = gunzip_->finish();
    if (!fed) {
      leg.cancel(fed.error());
      part.settled = true;
      part.error = std::move(fed.error());
      pending_ = 0;
      if (stream_open_) return break_stream();
      return answer();
    }
    out = unpacked_;
  }
  if (!stream_open_) open_stream(out);
  if (last) {
    part.settled = true;
    part.leg = &leg;
    pending_ = 0;
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
