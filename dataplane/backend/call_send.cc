// A call's request: its head and its body, in pieces where it is streamed.
#include "dataplane/backend/call.h"
#include "dataplane/http/writer.h"

namespace ropewalk::backend {

void Call::send() {
  timer_.cancel();
  state_ = State::writing;
  const compile::Host& host = *target_.host;
  out_.clear();
  out_ += request_->method;
  out_ += ' ';
  const bool by_proxy = target_.pool->proxy() && !host.tls;
  if (by_proxy) out_ += host.url;
  out_ += host.base_path;
  out_ += request_->target;
  out_ += " HTTP/1.1\r\nHost: ";
  out_ += request_->host_header.empty() ? std::string_view(host.authority) : request_->host_header;
  out_ += "\r\n";
  if (by_proxy) append_proxy_authorization();
  out_ += request_->fields;
  if (!host.authorization.empty() && !request_->fields.starts_with("Authorization: ") &&
      request_->fields.find("\r\nAuthorization: ") == std::string::npos) {
    out_ += "Authorization: ";
    out_ += host.authorization;
    out_ += "\r\n";
  }
  if (!settings_->backend_keep_alive) out_ += "Connection: close\r\n";
  switch (request_->body_kind) {
    case RequestBody::none:
      if (request_->method != "GET" && request_->method != "HEAD") out_ += "Content-Length: 0\r\n";
      break;
    case RequestBody::whole:
      out_ += "Content-Length: ";
      http::append_decimal(out_, request_->body.size());
      out_ += "\r\n";
      break;
    case RequestBody::length:
      out_ += "Content-Length: ";
      http::append_decimal(out_, request_->body_length);
      out_ += "\r\n";
      break;
    case RequestBody::chunked:
      out_ += "Transfer-Encoding: chunked\r\n";
      break;
  }
  out_ += "\r\n";
  if (request_->body_kind == RequestBody::whole) out_ += request_->body;

  http::ReaderLimits limits;
  limits.max_head_bytes = settings_->max_head_bytes;
  limits.max_fields = settings_->max_header_fields;
  if (!streaming_) limits.max_body_bytes = settings_->max_response_body;
  connection_->reader.reset(limits, http::method_id(request_->method));
  if (settings_->response_header_timeout.count() > 0)
    arm(settings_->response_header_timeout, "no response header within response_header_timeout");

  error_code error;
  const auto written = write(error);
  if (written == Connection::Written::failed) return cannot_write(error);
  if (written == Connection::Written::done) on_sent();
  // An answer may come before the request is written whole.
  if (state_ == State::writing || state_ == State::head) connection_->start_read();
}

Connection::Written Call::write(error_code& error) {
  std::size_t taken = 0;
  const auto written = connection_->write(out_, taken, error);
  taken_ += taken;
  sent_ = written == Connection::Written::done;
  return written;
}

void Call::on_sent() {
  state_ = State::head;
  if (request_->body_kind == RequestBody::length || request_->body_kind == RequestBody::chunked) {
    sending_body_ = true;
    owner_.on_call_wants_body(*this);
  }
}

// A backend may answer and close before it has read everything: its answer counts, the rest of the
// request does not. What was read says whether there is one; the failed write is mostly heard of
// before it. To a request of which nothing was taken no answer can come.
void Call::cannot_write(const error_code& error) {
  sending_body_ = sent_ = false;
  if (state_ == State::body) return;
  const runtime::Buffer& in = connection_->in;
  if (!peer_ended(error) || (taken_ == 0 && in.empty())) return broken(error, "while writing");
  state_ = State::head;
  if (in.empty()) return connection_->start_read();
  read_head({});
}

void Call::on_written(const error_code& error, std::size_t n) {
  taken_ += n;
  if (error) return cannot_write(error);
  sent_ = true;
  if (state_ == State::writing) {
    on_sent();
    // The head may have been read meanwhile, and so may the end of the connection.
    if (state_ != State::head) return;
    return connection_->in.empty() ? connection_->start_read() : read_head({});
  }
  if (!sending_body_) return;
  if (last_body_piece_)
    sending_body_ = false;
  else
    owner_.on_call_wants_body(*this);
}

void Call::send_body(std::string_view piece, bool last) {
  if (!sending_body_ || !connection_) return;
  last_body_piece_ = last;
  body_begun_ = true;
  out_.clear();
  if (request_->body_kind == RequestBody::chunked)
    http::append_chunk(out_, piece, last);
  else
    out_ += piece;
  if (out_.empty() && last) {
    sending_body_ = false;
    return;
  }
  error_code error;
  switch (write(error)) {
    case Connection::Written::failed:
      // The backend may have answered and closed: its answer counts, the rest of the body does not.
      sending_body_ = false;
      return;
    case Connection::Written::pending:
      return;
    case Connection::Written::done:
      if (last)
        sending_body_ = false;
      else
        owner_.on_call_wants_body(*this);
      return;
  }
}

}  // namespace ropewalk::backend
