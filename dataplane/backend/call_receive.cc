// A call's answer: its head, then the body, gathered whole or passed on in pieces.
#include "common/strings.h"
#include "dataplane/backend/call.h"

#include <algorithm>

namespace ropewalk::backend {
namespace {

constexpr unsigned kSwitching = 101;
// After so long a pause of a body it is asked whether what has come will do. Long enough that a
// body in several packets costs no look at it.
constexpr std::chrono::milliseconds kPause{20};
// A look costs as much as there is of the body: those after the first may take one part in so many
// of the worker's time.
constexpr int kLookShare = 20;

}  // namespace

void Call::on_read(const error_code& error) {
  switch (state_) {
    case State::tunnelling:
      return read_tunnel(error);
    case State::writing:
      return;  // when the request is written, or cannot be: on_written
    case State::head:
      return read_head(error);
    case State::body:
      return head_held_ ? deliver_head(error) : streaming_ ? pump(error) : read_body(error);
    default:
      return;
  }
}

void Call::read_head(const error_code& error) {
  const http::HeadStep step = connection_->reader.read_head(connection_->in.unread());
  if (step.step == http::Step::refused) {
    fail_with({Kind::protocol, Origin::backend, Retry::no,
               std::string("the answer is not HTTP: ") + connection_->reader.refusal().text});
    return;
  }
  if (step.step == http::Step::need_more) {
    if (error) return broken(error, "before the answer");
    connection_->start_read();
    return;
  }
  timer_.cancel();
  const http::ResponseHead& head = connection_->reader.head();
  // It would end HTTP on the client's connection. Elsewhere it is a status as any other that does
  // not count.
  if (head.status == kSwitching && passes_status_) {
    fail_with(
        {Kind::protocol, Origin::backend, Retry::no, "switching protocols was not asked for"});
    return;
  }
  status_ = head.status;
  if (status_ >= 500) judge(false);
  if (resilience_ && resilience_->retry &&
      std::ranges::binary_search(resilience_->retry->status_codes, status_) && may_retry()) {
    drop_connection();
    return retry();
  }
  state_ = State::body;
  const std::string_view coding = head.fields.value(http::FieldId::content_encoding);
  // Go's transport takes any case for what it asked itself, KrakenD's decoder the exact word
  // always.
  gzip_ = coding == "gzip" || (request_->asks_for_gzip && iequals(coding, "gzip"));
  content_type_ = head.fields.value(http::FieldId::content_type);
  remaining_ = head.body == http::BodyKind::length ? head.content_length : 0;
  // Passing in place of consuming keeps the views of the head valid.
  connection_->in.pass(step.consumed);
  if (streaming_) return deliver_head(error);
  if (keep_fields_ || (status_ >= 300 && status_ < 400)) keep_fields(head);
  if (remaining_ > settings_->max_response_body) {
    fail_with(
        {Kind::too_large, Origin::backend, Retry::no, "the answer exceeds max_response_body"});
    return;
  }
  read_body(error);
}

// The connection and its buffer go back before the owner looks at the answer.
void Call::keep_fields(const http::ResponseHead& head) {
  std::size_t size = 0;
  for (const http::Field& field : head.fields) size += field.name.size() + field.value.size();
  field_text_.clear();
  field_text_.reserve(size);
  const auto kept = [this](std::string_view text) {
    const std::size_t at = field_text_.size();
    field_text_ += text;
    return std::string_view(field_text_).substr(at);
  };
  for (const http::Field& field : head.fields) {
    if (http::hop_by_hop(field, head.fields)) continue;
    const std::string_view name = kept(field.name);
    fields_.add(name, kept(field.value), field.id);
  }
}

// Head and first bytes of the body go out in one write: the head waits while the body fits behind
// it.
void Call::deliver_head(const error_code& error) {
  const runtime::Buffer& in = connection_->in;
  head_held_ = !error && remaining_ != 0 && in.empty() && in.room() >= remaining_;
  if (head_held_) return connection_->start_read(static_cast<std::size_t>(remaining_));
  owner_.on_call_head(*this);
  if (state_ == State::body) pump(error);
}

// Buffered: a body with a length stays where it is read, others are decoded into answer_.
void Call::read_body(const error_code& error) {
  const http::ResponseHead& head = connection_->reader.head();
  runtime::Buffer& in = connection_->in;
  if (head.body == http::BodyKind::none) return finish_message();
  if (head.body == http::BodyKind::length) {
    const std::size_t held = in.unread().size();
    if (held >= remaining_) return finish_message();
    if (error) return end_early() ? void() : broken(error, "in the body");
    if (may_end_early_) arm_look();
    // Room for the rest, but no more memory than twice what the backend has really sent.
    connection_->start_read(
        std::min<std::size_t>(remaining_ - held, std::max(Connection::kReadSize, 2 * held)));
    return;
  }
  for (;;) {
    const http::BodyStep step = connection_->reader.read_body(in.unread());
    answer_.append(step.data);
    in.consume(step.consumed);
    if (step.step == http::Step::refused) {
      const http::Refusal& refusal = connection_->reader.refusal();
      const bool large = refusal.kind == Kind::too_large;
      fail_with({large ? Kind::too_large : Kind::protocol, Origin::backend, Retry::no,
                 large ? "the answer exceeds max_response_body"
                       : std::string("broken body: ") + refusal.text});
      return;
    }
    if (step.step == http::Step::done) return finish_message();
    if (step.consumed == 0 || in.empty()) break;
  }
  if (error) {
    if (error == asio::error::eof && connection_->reader.at_eof() == http::Step::done)
      return finish_message();
    return end_early() ? void() : broken(error, "in the body");
  }
  if (may_end_early_) arm_look();
  connection_->start_read();
}

// True when the owner is content with what has come. The connection is of no use any more.
bool Call::end_early() {
  if (!may_end_early_) return false;
  const bool in_place = connection_->reader.head().body == http::BodyKind::length;
  const auto begin = runtime::Clock::now();
  if (!owner_.suffices(*this, in_place ? connection_->in.unread() : answer_.unread())) {
    space_looks(runtime::Clock::now() - begin);
    return false;
  }
  if (in_place) {  // a read into the other buffer may be under way
    answer_.clear();
    answer_.append(connection_->in.unread());
  }
  timer_.cancel();
  judge(true);
  cut_ = true;
  body_ = answer_.unread();
  state_ = State::idle;
  drop_connection();
  leave_host();
  owner_.on_call_done(*this);
  return true;
}

// Each waits by what its own look cost and by how many such calls the worker has: together they
// stay within the share, and a small body does not wait for the large ones of others. A body that
// has become whole meanwhile is seen before the deadline.
void Call::space_looks(runtime::Clock::duration took) {
  if (!looked_) ++environment_.looked_in_vain;
  looked_ = true;
  const auto calls = static_cast<runtime::Clock::duration::rep>(environment_.looked_in_vain);
  next_look_ = runtime::Clock::now() + kLookShare * calls * took;
  last_look_ = deadline_ - kPause - 2 * took;
}

void Call::arm_look() {
  const auto now = runtime::Clock::now();
  auto at = now + kPause;
  if (looked_ && at < next_look_)
    at = now < last_look_ ? std::min(next_look_, last_look_) : next_look_;
  environment_.wheel.arm(timer_, at);
}

void Call::drop_connection() {
  abandon_dialled();
  if (!connection_) return;
  connection_->detach();
  connection_->close();
  connection_.reset();
}

// The message is complete: the connection goes back to its pool, the body stays with the call.
void Call::finish_message() {
  timer_.cancel();
  const http::ResponseHead& head = connection_->reader.head();
  runtime::Buffer& in = connection_->in;
  const bool in_place = !streaming_ && head.body == http::BodyKind::length;
  const std::size_t length = in_place ? static_cast<std::size_t>(remaining_) : 0;
  // Bytes after the message were not asked for: the connection is poisoned (response queue
  // desynchronisation).
  const bool reusable = head.keep_alive && head.body != http::BodyKind::until_close &&
                        in.unread().size() == length && !sending_body_ && sent_ &&
                        settings_->backend_keep_alive && !connection_->reading();
  if (in_place) {
    answer_.swap(in);
    in.clear();
  } else {
    in.consume(in.unread().size());
  }
  body_ = streaming_ ? std::string_view{}
                     : answer_.unread().substr(0, in_place ? length : std::string_view::npos);
  state_ = State::idle;
  ConnectionRef connection = std::move(connection_);
  connection->detach();
  judge(true);
  const runtime::Ref<HostPool> pool = target_.pool;
  leave_host();
  if (reusable)
    pool->put(std::move(connection), settings_->max_idle_per_host, runtime::Clock::now());
  else
    connection->close();
  if (!streaming_) owner_.on_call_done(*this);
}

// Streaming: hands one piece at a time to the owner.
void Call::pump(const error_code& error) {
  if (paused_) return;
  runtime::Buffer& in = connection_->in;
  const http::ResponseHead& head = connection_->reader.head();
  std::string_view piece;
  bool last = false;
  if (head.body == http::BodyKind::none) {
    last = true;
  } else if (head.body == http::BodyKind::length) {
    piece = in.unread().substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, in.unread().size())));
    remaining_ -= piece.size();
    last = remaining_ == 0;
    in.pass(piece.size());
  } else {
    // All that is here becomes one piece: many small chunks must neither recurse nor cost a write
    // each.
    answer_.clear();
    while (!last) {
      const http::BodyStep step = connection_->reader.read_body(in.unread());
      if (step.step == http::Step::refused) {
        fail_with({Kind::protocol, Origin::backend, Retry::no,
                   std::string("broken body: ") + connection_->reader.refusal().text});
        return;
      }
      answer_.append(step.data);
      in.pass(step.consumed);
      last = step.step == http::Step::done;
      if (step.consumed == 0) break;
    }
    piece = answer_.unread();
    if (piece.empty() && !last && error == asio::error::eof &&
        connection_->reader.at_eof() == http::Step::done)
      last = true;
  }
  if (piece.empty() && !last) {
    if (error) return broken(error, "in the body");
    connection_->start_read();
    owner_.on_call_idle(*this);
    return;
  }
  paused_ = true;
  if (last) {
    // The bytes of the last piece must outlive the connection.
    if (head.body == http::BodyKind::length) {
      answer_.clear();
      answer_.append(piece);
      piece = answer_.unread();
    }
    finish_message();
  }
  owner_.on_call_data(*this, piece, last);
}

void Call::resume() {
  paused_ = false;
  if (state_ != State::body || !connection_) return;
  pump({});
}

}  // namespace ropewalk::backend
