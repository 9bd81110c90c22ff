#include "dataplane/backend/call.h"

#include "dataplane/backend/choice.h"
#include "dataplane/runtime/kept_memory.h"

#include <boost/asio/ssl/error.hpp>

#include <algorithm>

namespace ropewalk::backend {
namespace {

// RFC 9110 9.2.2.
bool idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS";
}

// Failures that say something about the host, and may be none on another.
bool of_host(Kind kind) {
  return kind == Kind::connect || kind == Kind::reset || kind == Kind::timeout ||
         kind == Kind::tls || kind == Kind::protocol;
}

}  // namespace

void Call::start(const Request& request, const Options& options, Targets& targets) {
  request_ = &request;
  settings_ = options.settings;
  tls_ = options.tls;
  targets_ = &targets;
  hosts_ = targets.hosts;
  target_.host = nullptr;
  streaming_ = options.streaming;
  keep_fields_ = options.keep_fields;
  may_end_early_ = options.may_end_early;
  passes_status_ = options.passes_status;
  deadline_ = options.deadline;
  resilience_ = options.resilience;
  retries_ = 0;
  tried_.clear();
  fields_.clear();
  retried_ = false;
  paused_ = false;
  status_ = 0;
  body_ = {};
  gzip_ = cut_ = false;
  content_type_.clear();
  address_.clear();
  answer_.clear();
  head_held_ = false;
  if (targets.list.empty()) {
    fail_with({Kind::unavailable, Origin::gateway, Retry::no, "no hosts available"});
    return;
  }
  if (resilience_ && resilience_->retry) targets.budget.called(resilience_->retry->budget_percent);
  go_to(choose());
  attempt(false);
}

// --- hosts

const Target& Call::choose() const {
  const std::vector<Target>& list = targets_->list;
  // A further attempt takes no turn: else the host that fails would be the first of every call.
  const std::size_t turn = tried_.empty() ? targets_->next++ : targets_->next;
  const bool ejects = resilience_ && resilience_->ejection;
  const bool least = resilience_ && resilience_->least_request;
  if (list.size() == 1 || (!ejects && !least && tried_.empty())) return list[turn % list.size()];
  const auto now = runtime::Clock::now();
  std::vector<Candidate> hosts;
  hosts.reserve(list.size());
  for (const Target& target : list)
    hosts.push_back({.ejected = ejects && target.pool->health.ejected(now),
                     .tried = std::ranges::find(tried_, target.pool.get()) != tried_.end(),
                     .calls = target.pool->calls});
  ChoiceRules rules;
  rules.least_request = least;
  if (ejects) rules.max_ejected_percent = resilience_->ejection->max_percent;
  return list[backend::choose(hosts, turn, rules)];
}

void Call::go_to(const Target& target) {
  leave_host();
  target_ = target;
  ++target_.pool->calls;
}

void Call::leave_host() {
  if (target_.pool) --target_.pool->calls;
  target_.pool.reset();
  if (!looked_) return;
  looked_ = false;
  --environment_.looked_in_vain;
}

// To another host where there is one: this one may be going away.
void Call::move_on() {
  tried_.push_back(target_.pool.get());
  go_to(choose());
}

void Call::judge(bool good) {
  if (!resilience_ || !resilience_->ejection || !target_.pool || judged_) return;
  judged_ = true;
  if (good)
    target_.pool->health.succeeded();
  else
    target_.pool->health.failed(*resilience_->ejection, runtime::Clock::now());
}

// Whether the request, the rules and the budget allow one more attempt, and a host is left that has
// not been asked.
bool Call::may_retry() const {
  if (!resilience_ || !resilience_->retry || retries_ == resilience_->retry->attempts) return false;
  const bool in_hand =
      request_->body_kind == RequestBody::none || request_->body_kind == RequestBody::whole;
  const bool told = streaming_ && state_ == State::body && !head_held_;
  if (!idempotent(request_->method) || !in_hand || told) return false;
  const bool left = std::ranges::any_of(targets_->list, [this](const Target& target) {
    const HostPool* pool = target.pool.get();
    return pool != target_.pool.get() && std::ranges::find(tried_, pool) == tried_.end();
  });
  return left && targets_->budget.take();
}

void Call::retry() {
  ++retries_;
  retried_ = true;
  status_ = 0;
  gzip_ = head_held_ = false;
  content_type_.clear();
  fields_.clear();
  answer_.clear();
  move_on();
  attempt(true);
}

void Call::expire() {
  if (state_ == State::idle) return;
  judge(false);
  cancel();
}

void Call::cancel() {
  if (state_ == State::idle) return;
  state_ = State::idle;
  timer_.cancel();
  forget_lookup();
  drop_connection();
  leave_host();
}

void Call::give_back() {
  body_ = {};
  answer_.release(runtime::kKeptByConnection);
  runtime::release_if_large(out_);
}

void Call::forget_lookup() {
  if (lookup_) lookup_->call = nullptr;
  lookup_.reset();
}

void Call::attempt(bool fresh_connection) {
  taken_ = 0;
  sending_body_ = body_begun_ = judged_ = false;
  connection_ = fresh_connection ? ConnectionRef{} : target_.pool->take();
  if (connection_) {
    connection_->attach(this);
    address_ = connection_->address;
    send();
    return;
  }
  connect();
}

bool Call::peer_ended(const error_code& error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated;
}

void Call::broken(const error_code& error, std::string_view during) {
  const bool ended = peer_ended(error);
  Retry retry = Retry::no;
  if (taken_ == 0 && !body_begun_ && ended)
    retry = Retry::nothing_sent;
  else if (connection_->reused && status_ == 0 && connection_->in.empty() && ended)
    retry = Retry::idle_died;
  fail_with({Kind::reset, Origin::backend, retry,
             "the connection to " + target_.host->url + " ended " + std::string(during) + ": " +
                 error.message()});
}

void Call::fail_with(Error error) {
  timer_.cancel();
  const bool was_reused = connection_ && connection_->reused;
  drop_connection();
  forget_lookup();
  const bool again =
      (error.retry == Retry::nothing_sent && (targets_->list.size() > 1 || was_reused)) ||
      (error.retry == Retry::idle_died && request_->retry_when_idle_died);
  const bool counts = of_host(error.kind);
  // A connection that died while nobody used it says nothing about the host.
  if (counts && !(was_reused && error.retry != Retry::no)) judge(false);
  if (again && !retried_ && !body_begun_) {
    retried_ = true;
    move_on();
    attempt(true);
    return;
  }
  if (counts && !body_begun_ && may_retry()) return retry();
  state_ = State::idle;
  leave_host();
  owner_.on_call_failed(*this, std::move(error));
}

void Call::arm(compile::nanoseconds after, std::string_view what) {
  if (after.count() <= 0) return;
  timer_text_ = what.data();
  environment_.wheel.arm(timer_, runtime::Clock::now() + after);
}

void Call::on_timer() {
  if (state_ == State::body) return void(end_early());
  fail_with({Kind::timeout, Origin::backend, Retry::no, timer_text_});
}

}  // namespace ropewalk::backend
