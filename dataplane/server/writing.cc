// The way of an answer to the client: a ClientSide for the exchange, written with back-pressure.
#include "dataplane/http/writer.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/server/connection.h"
#include "dataplane/server/worker.h"

#include <utility>

namespace ropewalk::server {
namespace {

// Of which a client must take one within stalled_write_timeout when no write_timeout is set.
constexpr std::size_t kWritePiece = 256 * 1024;

}  // namespace

std::string& Connection::begin(unsigned status) {
  status_ = status;
  out_.clear();
  written_ = 0;
  answered_ = wants_ready_ = false;
  http::append_status_line(out_, status);
  out_ += "Date: ";
  out_ += worker_.date();
  out_ += "\r\n";
  return out_;
}

void Connection::end_head() {
  if (worker_.draining() || retiring_ || sent_all()) keep_alive_ = false;
  if (!body_complete_ && !plan_) keep_alive_ = false;
  if (!keep_alive_)
    out_ += "Connection: close\r\n";
  else if (reader_.head().version == 10)
    out_ += "Connection: keep-alive\r\n";
  out_ += "\r\n";
}

void Connection::send(std::string_view body) {
  gates_.decorate(out_);
  const bool bodyless = http::bodyless(status_);
  if (!bodyless) {
    out_ += "Content-Length: ";
    http::append_decimal(out_, body.size());
    out_ += "\r\n";
  }
  pass_unwanted_body();
  if (!body_complete_) keep_alive_ = false;
  end_head();
  if (!head_only_ && !bodyless) {
    out_ += body;
    body_bytes_ = body.size();
  }
  answered_ = true;
  write_out();
}

void Connection::stream(std::optional<std::uint64_t> length) {
  gates_.decorate(out_);
  if (http::bodyless(status_)) {
    // Of a backend whose answer has one, the status being a filter's.
    framing_ = Framing::length;
    head_only_ = true;
  } else if (length) {
    framing_ = Framing::length;
    out_ += "Content-Length: ";
    http::append_decimal(out_, *length);
    out_ += "\r\n";
  } else if (reader_.head().version == 10) {
    framing_ = Framing::close;
    keep_alive_ = false;
  } else {
    framing_ = Framing::chunked;
    out_ += "Transfer-Encoding: chunked\r\n";
  }
  end_head();
}

void Connection::write(std::string_view piece, bool last) {
  if (!head_only_) {
    body_bytes_ += piece.size();
    if (framing_ == Framing::chunked)
      http::append_chunk(out_, piece, last);
    else
      out_ += piece;
  }
  answered_ = last;
  wants_ready_ = !last;
  write_out();
}

void Connection::flush() {
  if (!out_.empty()) write_out();
}

void Connection::abort() {
  release();
  record();
  state_ = State::closed;
  timer_.cancel();
  stream_.reset();
  unlink();
  worker_.connection_closed();
}

void Connection::write_out() {
  if (writing_) return;
  error_code error;
  written_ += stream_.write_now(std::string_view(out_).substr(written_), error);
  if (error) return on_written(error);
  if (written_ == out_.size()) return on_written({});
  writing_ = true;
  // Whatever is appended meanwhile waits in out_: the bytes under way must not move.
  auto held = std::make_unique<std::string>(std::exchange(out_, {}));
  write_rest(std::move(held), std::exchange(written_, 0));
}

// In pieces: a client that takes one from time to time is slow, not stalled.
void Connection::write_rest(std::unique_ptr<std::string> held, std::size_t from) {
  stall_timer_ = !timer_.armed();
  if (stall_timer_) arm(worker_.serving()->graph().settings.stalled_write_timeout);
  const std::string_view piece = std::string_view(*held).substr(from, kWritePiece);
  const std::size_t to = from + piece.size();
  stream_.async_write(piece, [self = Ref(this), held = std::move(held), to](
                                 const error_code& failure, std::size_t) mutable {
    if (self->state_ == State::closed) return;
    if (self->stall_timer_) self->timer_.cancel();
    if (!failure && to < held->size()) return self->write_rest(std::move(held), to);
    self->writing_ = false;
    if (!failure && !self->out_.empty()) return self->write_out();
    self->on_written(failure);
  });
}

void Connection::on_written(const error_code& error) {
  if (error) {
    exchange_.cancel();
    status_ = 0;
    record();
    return close();
  }
  out_.clear();
  written_ = 0;
  if (answered_) return finish_request();
  if (wants_ready_) {
    wants_ready_ = false;
    exchange_.on_client_ready();
  }
}

}  // namespace ropewalk::server
