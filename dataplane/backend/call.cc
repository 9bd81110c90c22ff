#include "dataplane/backend/call.h"

#include "common/strings.h"
#include "dataplane/backend/choice.h"

#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <charconv>

namespace ropewalk::backend {
namespace {

// A TLS handshake may take this long (KrakenD's fixed value), and so may a proxy to connect.
constexpr std::chrono::seconds kHandshakeTimeout{10};
constexpr unsigned kSwitching = 101;
// After so long a pause of a body it is asked whether what has come will do. Long enough that a
// body in several packets costs no look at it.
constexpr std::chrono::milliseconds kPause{20};

// "name:443", as CONNECT asks for it.
std::string tunnel_target(const compile::Host& host) {
  const bool v6 = host.literal && host.address.find(':') != std::string::npos;
  return (v6 ? "[" + host.address + "]" : host.address) + ":" + std::to_string(host.port);
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

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

void Call::connect() {
  // A proxy looks up the name of the host itself.
  const compile::Host& host = target_.pool->proxy() ? *target_.pool->proxy() : *target_.host;
  next_address_ = 0;
  addresses_.clear();
  arm(settings_->connect_timeout, "no connection within dialer_timeout");
  if (host.literal) {
    error_code ignored;
    addresses_.push_back(asio::ip::make_address(host.address, ignored));
  } else if (const auto* known = environment_.resolver.cached(host.address)) {
    addresses_ = *known;
  } else {
    state_ = State::resolving;
    lookup_ = new Lookup(this);
    environment_.resolver.resolve(host.address,
                                  [lookup = lookup_](Result<net::Resolver::Addresses> addresses) {
                                    Call* call = lookup->call;
                                    if (!call) return;
                                    call->forget_lookup();
                                    if (!addresses)
                                      return call->fail_with(std::move(addresses.error()));
                                    call->addresses_ = std::move(*addresses);
                                    call->connect_next(asio::error::host_not_found);
                                  });
    return;
  }
  connect_next(asio::error::host_not_found);
}

void Call::connect_next(const error_code& last_failure) {
  if (next_address_ == addresses_.size()) {
    fail_with(
        {Kind::connect, Origin::backend, Retry::nothing_sent,
         (target_.pool->proxy() ? "cannot connect to the proxy before " : "cannot connect to ") +
             target_.host->url + ": " + last_failure.message()});
    return;
  }
  state_ = State::connecting;
  const asio::ip::tcp::endpoint endpoint(
      addresses_[next_address_++],
      target_.pool->proxy() ? target_.pool->proxy()->port : target_.host->port);
  http::ReaderLimits limits;
  limits.max_head_bytes = settings_->max_head_bytes;
  limits.max_fields = settings_->max_header_fields;
  if (connection_) connection_->detach();
  connection_ = new Connection(environment_.io, limits);
  connection_->attach(this);
  const std::string literal = endpoint.address().to_string();
  address_ = (endpoint.address().is_v6() ? "[" + literal + "]" : literal) + ":" +
             std::to_string(endpoint.port());
  connection_->address = address_;
  connection_->connect(endpoint);
}

void Call::on_connected(const error_code& error) {
  if (error) return connect_next(error);
  connection_->stream.prepare();
  if (!target_.host->tls) return send();
  if (target_.pool->proxy()) return open_tunnel();
  begin_tls();
}

void Call::open_tunnel() {
  state_ = State::tunnelling;
  const std::string target = tunnel_target(*target_.host);
  out_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  append_proxy_authorization();
  out_ += "\r\n";
  http::ReaderLimits limits;
  limits.max_head_bytes = settings_->max_head_bytes;
  limits.max_fields = settings_->max_header_fields;
  connection_->reader.reset(limits, http::Method::connect);
  arm(kHandshakeTimeout, "no tunnel through the proxy within 10 s");
  error_code error;
  std::size_t taken = 0;
  // A new connection takes a head at once.
  if (connection_->write(out_, taken, error) != Connection::Written::done)
    return broken(error ? error : error_code(asio::error::would_block), "before the tunnel");
  connection_->start_read();
}

void Call::read_tunnel(const error_code& error) {
  const http::HeadStep step = connection_->reader.read_head(connection_->in.unread());
  if (step.step == http::Step::need_more) {
    if (error) return broken(error, "before the tunnel");
    return connection_->start_read();
  }
  const unsigned status = step.step == http::Step::refused ? 0 : connection_->reader.head().status;
  if (status < 200 || status > 299) {
    fail_with({Kind::connect, Origin::backend, Retry::no,
               "the proxy opens no tunnel to " + target_.host->url +
                   (status == 0 ? std::string() : ": status " + std::to_string(status))});
    return;
  }
  connection_->in.pass(step.consumed);
  // The host speaks second: what is here came from somebody else.
  if (!connection_->in.empty()) {
    fail_with({Kind::protocol, Origin::backend, Retry::no, "the proxy sent bytes of its own"});
    return;
  }
  connection_->in.clear();
  begin_tls();
}

void Call::begin_tls() {
  state_ = State::handshaking;
  if (!tls_) {
    fail_with({Kind::tls, Origin::gateway, Retry::no, "no TLS settings for " + target_.host->url});
    return;
  }
  auto& tls = connection_->stream.use_tls(tls_->context());
  tls_->prepare(tls.native_handle(), target_.host->address);
  arm(kHandshakeTimeout, "no TLS handshake within 10 s");
  connection_->handshake();
}

void Call::append_proxy_authorization() {
  const std::string& credentials = target_.pool->proxy()->authorization;
  if (credentials.empty()) return;
  out_ += "Proxy-Authorization: ";
  out_ += credentials;
  out_ += "\r\n";
}

void Call::on_handshake(const error_code& error) {
  if (!error) return send();
  fail_with({Kind::tls, Origin::backend, Retry::no,
             tls_->explain(connection_->stream.tls()->native_handle(), target_.host->address,
                           error.message())});
}

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
      append_number(out_, request_->body.size());
      out_ += "\r\n";
      break;
    case RequestBody::length:
      out_ += "Content-Length: ";
      append_number(out_, request_->body_length);
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
  const auto written = connection_->write(out_, taken_, error);
  if (written == Connection::Written::failed) return broken(error, "while writing");
  if (written == Connection::Written::done) on_sent();
  // An answer may come before the request is written whole.
  if (state_ == State::writing || state_ == State::head) connection_->start_read();
}

void Call::on_sent() {
  state_ = State::head;
  if (request_->body_kind == RequestBody::length || request_->body_kind == RequestBody::chunked) {
    sending_body_ = true;
    owner_.on_call_wants_body(*this);
  }
}

void Call::on_written(const error_code& error) {
  if (error) {
    // A backend may answer and close before it has read everything: its answer counts.
    if (state_ == State::writing && !connection_->in.empty()) {
      state_ = State::head;
      return read_head(error);
    }
    return broken(error, "while writing");
  }
  if (state_ == State::writing) {
    taken_ = out_.size();
    on_sent();
    // The head may have been read meanwhile.
    if (state_ == State::head && !connection_->in.empty()) read_head({});
    return;
  }
  taken_ = out_.size();
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
  taken_ = 0;
  if (request_->body_kind == RequestBody::chunked) {
    if (!piece.empty()) {
      char digits[16];
      out_.append(digits, std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr);
      out_ += "\r\n";
      out_ += piece;
      out_ += "\r\n";
    }
    if (last) out_ += "0\r\n\r\n";
  } else {
    out_ += piece;
  }
  if (out_.empty() && last) {
    sending_body_ = false;
    return;
  }
  error_code error;
  switch (connection_->write(out_, taken_, error)) {
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

void Call::on_read(const error_code& error) {
  switch (state_) {
    case State::tunnelling:
      return read_tunnel(error);
    case State::writing:
      if (error) return broken(error, "while writing");
      return;  // read_head follows when the request is written
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
  if (head.status == kSwitching && streaming_) {
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
    if (may_end_early_) arm(kPause, "");
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
  if (may_end_early_) arm(kPause, "");
  connection_->start_read();
}

// True when the owner is content with what has come. The connection is of no use any more.
bool Call::end_early() {
  if (!may_end_early_) return false;
  const bool in_place = connection_->reader.head().body == http::BodyKind::length;
  if (!owner_.suffices(*this, in_place ? connection_->in.unread() : answer_.unread())) return false;
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

void Call::drop_connection() {
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
                        in.unread().size() == length && !sending_body_ && taken_ == out_.size() &&
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

void Call::broken(const error_code& error, std::string_view during) {
  const bool ended = error == asio::error::eof || error == asio::error::connection_reset ||
                     error == asio::error::broken_pipe ||
                     error == asio::ssl::error::stream_truncated;
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
