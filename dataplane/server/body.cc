// Bodies of requests: gathered whole, pulled piece by piece, or passed because nobody wants them.
#include "dataplane/server/connection.h"
#include "dataplane/server/worker.h"

#include <algorithm>

namespace ropewalk::server {
namespace {

using runtime::Clock;

// A body nobody wants is read up to here so that the connection can go on (as Go's server does).
constexpr std::uint64_t kUnwantedBody = 256 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

// Gathers the body where the endpoint (or a gate) wants it whole.
void Connection::receive() {
  const compile::Settings& settings = serving_->graph().settings;
  const http::RequestHead& head = reader_.head();
  if (body_complete_) {
    body_gathered_ = true;
    return at_gates_ ? pass_gates() : respond();
  }
  // A client that asks first is not told to go on.
  if (unwanted_body() && head.expect_continue) {
    keep_alive_ = false;
    return respond();
  }
  const bool streams = plan_ && plan_->streams_body && !at_gates_;
  const std::uint64_t limit = streams ? plan_->max_streamed_body
                              : plan_ ? plan_->max_request_body
                                      : std::min(kUnwantedBody, settings.max_request_body);
  if (head.body == http::BodyKind::length && head.content_length > limit) {
    if (plan_ || at_gates_)
      return refuse({413, "the body exceeds max_request_body or max_payload"});
    keep_alive_ = false;
    return respond();
  }
  reader_.set_max_body(limit);
  if (streams) return respond();
  state_ = State::body;
  auto until = started_ + (plan_ ? plan_->timeout : settings.read_header_timeout);
  if (settings.read_timeout.count() > 0)
    until = std::min<Clock::time_point>(until, Clock::now() + settings.read_timeout);
  if (settings.write_timeout.count() > 0)
    until = std::min<Clock::time_point>(until, started_ + settings.write_timeout);
  worker_.wheel().arm(timer_, until);
  gather_body();
}

// Decodes what is in the buffer into body_; its `data` is not used.
http::BodyStep Connection::take_body() {
  runtime::Buffer& buffer = into_body_ ? body_in_ : in_;
  http::BodyStep step;
  do {
    step = reader_.read_body(buffer.unread());
    body_ += step.data;
    buffer.pass(step.consumed);
  } while (step.step == http::Step::need_more && step.consumed != 0 && !buffer.empty());
  if (buffer.empty() && into_body_) buffer.clear();
  return step;
}

void Connection::take_over_body() {
  body_in_.append(in_.unread());
  in_.pass(in_.unread().size());
}

// The next bytes of the body go to a buffer of their own: the head stays where it is.
void Connection::more_body() {
  if (eof_) return close();
  if (!into_body_) {
    body_in_.clear();
    take_over_body();
    into_body_ = true;
    if (reader_.head().expect_continue && body_in_.empty()) {
      if (!stream_.secure()) {
        error_code ignored;
        stream_.write_now(kContinue, ignored);
      } else {
        writing_ = true;
        stream_.async_write(kContinue, [self = Ref(this)](const error_code& error, std::size_t) {
          self->writing_ = false;
          if (self->state_ != State::closed && !self->out_.empty()) self->write_out();
        });
      }
    }
  }
  start_read();
}

void Connection::gather_body() {
  const http::BodyStep step = take_body();
  if (step.step == http::Step::refused) {
    if (!unwanted_body() || reader_.refusal().status != 413) return refuse(reader_.refusal());
    keep_alive_ = false;
    return respond();
  }
  if (step.step == http::Step::need_more) return more_body();
  body_complete_ = true;
  // read_timeout is over, write_timeout counts from the head.
  const auto write_timeout = serving_->graph().settings.write_timeout;
  if (write_timeout.count() > 0)
    worker_.wheel().arm(timer_, started_ + write_timeout);
  else
    timer_.cancel();
  body_gathered_ = true;
  gates_.body = body_;
  if (!at_gates_) return respond();
  state_ = State::answering;
  start_read();
  pass_gates();
}

// Nobody is there to look at it (as in Go).
bool Connection::unwanted_body() const {
  return !plan_ && !at_gates_ && match_.outcome != router::Match::Outcome::found;
}

// An answer is there before anybody asked for the body: what has arrived of it with the head does
// not cost the connection.
void Connection::pass_unwanted_body() {
  if (body_complete_ || reading_ || !keep_alive_) return;
  reader_.set_max_body(kUnwantedBody);
  body_complete_ = take_body().step == http::Step::done;
  body_.clear();
}

void Connection::read_body() {
  piece_wanted_ = true;
  deliver_piece();
}

void Connection::deliver_piece() {
  body_.clear();
  const http::BodyStep step = take_body();
  if (step.step == http::Step::refused) {
    exchange_.cancel();
    if (status_ == 0) return refuse(reader_.refusal());
    // The answer has begun and a second one would be read as its body.
    return abort();
  }
  if (body_.empty() && step.step == http::Step::need_more) return more_body();
  piece_wanted_ = false;
  body_complete_ = step.step == http::Step::done;
  exchange_.on_body(body_, body_complete_);
  if (body_complete_) start_read();  // sees the client go
}

}  // namespace ropewalk::server
