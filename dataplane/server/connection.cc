#include "dataplane/server/connection.h"

#include "common/strings.h"
#include "dataplane/compile/routes.h"
#include "dataplane/http/client_address.h"
#include "dataplane/http/writer.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/server/worker.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace ropewalk::server {
namespace {

using runtime::Clock;
using namespace std::chrono_literals;

constexpr std::size_t kHeadRead = 4096;
constexpr std::size_t kBodyRead = 32 * 1024;
// A body nobody wants is read up to here so that the connection can go on (as Go's server does).
constexpr std::uint64_t kUnwantedBody = 256 * 1024;
constexpr auto kHandshakeTimeout = 10s;
// How long a client may take none of an answer when no write_timeout is set, and how long its last
// bytes are awaited.
constexpr auto kStalledWrite = 60s;
constexpr auto kLinger = 2s;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

http::ReaderLimits reader_limits(const compile::Settings& settings) {
  http::ReaderLimits limits;
  limits.max_head_bytes = settings.max_head_bytes;
  limits.max_fields = settings.max_header_fields;
  limits.max_body_bytes = settings.max_request_body;
  return limits;
}

// An IPv4 client of a socket for both families is an IPv4 client.
std::string text_of(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

// Those that also stand before what the router answers by itself; they come first.
GateList covering(GateList gates) {
  const auto end =
      std::ranges::find_if(gates, [](const auto& gate) { return !gate->covers_everything(); });
  return gates.first(static_cast<std::size_t>(end - gates.begin()));
}

}  // namespace

Connection::Connection(Worker& worker, TcpSocket socket, const asio::ip::tcp::endpoint& peer)
    : worker_(worker),
      stream_(std::move(socket)),
      peer_address_(text_of(peer.address())),
      timer_([](void* self) { static_cast<Connection*>(self)->on_timer(); }, this),
      reader_(reader_limits(worker.serving()->graph().settings)),
      gates_(*this, worker.context().services),
      exchange_(worker.context(), *this) {
  ++worker_.metrics().server.connections_open;
}

Connection::~Connection() { --worker_.metrics().server.connections_open; }

void Connection::start(bool tls) {
  self_ = this;
  stream_.prepare();
  if (!tls) {
    arm(worker_.serving()->graph().settings.read_header_timeout);
    return start_read();
  }
  state_ = State::handshake;
  arm(kHandshakeTimeout);
  auto& engine = stream_.use_tls(worker_.serving()->snapshot().tls->context());
  engine.async_handshake(asio::ssl::stream_base::server, [self =
                                                              Ref(this)](const error_code& error) {
    if (self->state_ != State::handshake) return;
    if (!error) {
      self->state_ = State::head;
      self->arm(self->worker_.serving()->graph().settings.read_header_timeout);
      return self->start_read();
    }
    ++self->worker_.metrics().server.tls_handshake_errors;
    if (ERR_GET_REASON(error.value()) == SSL_R_HTTP_REQUEST) {
      // As Go does: words for somebody who spoke HTTP to the TLS port.
      error_code ignored;
      self->stream_.socket().write_some(
          asio::buffer(std::string_view(
              "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")),
          ignored);
    }
    self->close();
  });
}

// --- reading
// ---------------------------------------------------------------------------------------------------------

void Connection::start_read() {
  if (reading_ || eof_ || state_ == State::closed) return;
  runtime::Buffer& buffer = into_body_ ? body_in_ : in_;
  if (state_ == State::answering && !into_body_) {
    if (buffer.room() == 0) return;  // making room would move the head that the exchange looks at
  } else if (buffer.room() == 0 || buffer.capacity() == 0) {
    buffer.reserve(into_body_ ? kBodyRead : kHeadRead);
  }
  reading_ = true;
  stream_.async_read_some(buffer.tail(), buffer.room(),
                          [self = Ref(this)](const error_code& error, std::size_t n) {
                            self->reading_ = false;
                            if (self->state_ != State::closed) self->on_read(error, n);
                          });
}

void Connection::on_read(const error_code& error, std::size_t n) {
  (into_body_ ? body_in_ : in_).commit(n);
  if (error) {
    eof_ = true;
    if (state_ == State::answering) {
      // A client may close its side and still wait for the answer; a reset means that it has gone.
      if (error == asio::error::eof && !piece_wanted_) return;
      gates_.stop();
      exchange_.cancel();
      status_ = 0;
      record();
    }
    return close();
  }
  switch (state_) {
    case State::head:
      return process();
    case State::body:
      return gather_body();
    case State::answering:
      if (piece_wanted_) deliver_piece();
      return;
    case State::lingering:
      in_.clear();
      body_in_.clear();
      return start_read();
    default:
      return;
  }
}

// Serves the requests that the input holds, one after another.
void Connection::process() {
  if (processing_) return;
  processing_ = true;
  const Ref keep(this);
  while (state_ == State::head && read_head()) on_head();
  processing_ = false;
}

// True when a whole head is there. Otherwise more is read, or the connection ends.
bool Connection::read_head() {
  if (!in_.empty()) {
    const http::HeadStep step = reader_.read_head(in_.unread());
    if (step.step == http::Step::done) {
      in_.pass(step.consumed);
      return true;
    }
    if (step.step == http::Step::refused) {
      refuse(reader_.refusal());
      return false;
    }
    if (!timer_.armed()) arm(worker_.serving()->graph().settings.read_header_timeout);
  }
  start_read();
  return false;
}

void Connection::on_head() {
  timer_.cancel();
  serving_ = worker_.serving();
  const compile::Graph& graph = serving_->graph();
  const compile::Settings& settings = graph.settings;
  const http::RequestHead& head = reader_.head();
  ++requests_;
  ++worker_.metrics().server.requests_in_flight;
  started_ = Clock::now();
  keep_alive_ = head.keep_alive;
  head_only_ = head.method_id == http::Method::head;
  body_complete_ = head.body == http::BodyKind::none;
  body_bytes_ = 0;
  status_ = 0;
  plan_ = nullptr;
  endpoint_ = nullptr;
  client_address_.clear();
  body_.clear();
  body_gathered_ = false;
  request_id_.assign(head.fields.value(http::FieldId::x_request_id).substr(0, 128));
  if (request_id_.empty()) worker_.append_request_id(request_id_);
  if (settings.write_timeout.count() > 0) arm(settings.write_timeout);

  path_ = settings.remove_extra_slash ? router::clean_path(head.path) : std::string();
  match_ = graph.router.match(head.host, head.method,
                              path_.empty() ? head.path : std::string_view(path_));
  const bool own = match_.id >= compile::kHealthRoute;
  if (match_.outcome == router::Match::Outcome::found && !own) plan_ = &graph.endpoints[match_.id];
  redirect_.clear();
  if (match_.outcome != router::Match::Outcome::found) find_redirect();
  if (graph.catch_all && goes_to_catch_all()) {
    match_ = {.outcome = router::Match::Outcome::found, .id = *graph.catch_all};
    // Without the leading slash, as every tail.
    match_.parameters[0] = (path_.empty() ? head.path : std::string_view(path_)).substr(1);
    match_.parameter_count = 1;
    plan_ = &graph.endpoints[match_.id];
  }

  gates_.reset();
  if (worker_.tracer()) begin_trace();
  gates_.peer_address = peer_address_;
  gates_.request_id = request_id_;
  gates_.tls = stream_.secure();
  gates_.endpoint = plan_ ? std::string_view(plan_->path) : std::string_view();
  client_address_ = http::client_address(peer_address_, head.fields, settings.client_address);
  gates_.client_address = client_address_;
  if (head.target == "*" && head.method_id == http::Method::options) {
    // About the server as a whole (RFC 9110 9.3.7), before everything else, as Go answers it.
    gates_.begin({}, {});
    state_ = State::answering;
    if (body_complete_) start_read();
    return answer_own(200, "", "", false);
  }
  if (plan_) {
    const auto decoded = proxy::decode_parameters(
        *plan_, settings, {match_.parameters.data(), match_.parameter_count}, gates_);
    if (!decoded) {
      head_ = head;
      gates_.head = &head_;
      gates_.begin(covering(graph.gates), {});
      state_ = State::answering;
      if (body_complete_) start_read();
      if (gates_.run(true) != pipeline::Step::next) return;
      return answer_own(400, "text/plain; charset=utf-8", "error: " + decoded.error().message,
                        false);
    }
  }
  GateList service(graph.gates);
  // Health checks and redirects of the router pass all but those that cover everything.
  if ((own && match_.id == compile::kHealthRoute) || !redirect_.empty())
    service = covering(service);
  gates_.begin(service, plan_ ? GateList(plan_->gates) : GateList());
  at_gates_ = !service.empty() || (plan_ && !plan_->gates.empty());
  gates_.head = &reader_.head();
  if (!at_gates_) return receive();
  head_ = head;
  gates_.head = &head_;
  // A client that leaves at a gate is noticed.
  state_ = State::answering;
  if (body_complete_) start_read();
  pass_gates();
}

void Connection::pass_gates() {
  const Ref keep(this);
  on_gates(gates_.run(body_complete_ && (!plan_ || body_gathered_)));
}

void Connection::on_gates(pipeline::Step step) {
  if (state_ == State::closed || step == pipeline::Step::done) return;
  if (step == pipeline::Step::wait) {
    if (gates_.wants_body()) receive();
    return;
  }
  at_gates_ = false;
  if (body_gathered_) return respond();
  receive();
}

void Connection::answer_for_gate(unsigned status, std::string_view content_type,
                                 std::string_view text) {
  // A wrong method has its Allow field before the gates behind the router are asked.
  if (match_.outcome == router::Match::Outcome::method_not_allowed && match_.allow &&
      serving_->graph().settings.handle_method_not_allowed && gates_.behind_router())
    proxy::put(gates_.answer_fields, "Allow", *match_.allow);
  answer_own(status, content_type, text, false);
}

bool Connection::shows_error_texts() const { return serving_->graph().settings.return_error_msg; }

// Gathers the body where the endpoint (or a gate) wants it whole.
void Connection::receive() {
  const compile::Settings& settings = serving_->graph().settings;
  const http::RequestHead& head = reader_.head();
  if (body_complete_) {
    body_gathered_ = true;
    return at_gates_ ? pass_gates() : respond();
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
  if (settings.read_timeout.count() > 0) arm(settings.read_timeout);
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

// The next bytes of the body go to a buffer of their own: the head stays where it is.
void Connection::more_body() {
  if (!into_body_) {
    body_in_.clear();
    body_in_.append(in_.unread());
    in_.pass(in_.unread().size());
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
  if (step.step == http::Step::refused) return refuse(reader_.refusal());
  if (step.step == http::Step::need_more) return more_body();
  body_complete_ = true;
  if (serving_->graph().settings.write_timeout.count() <= 0) timer_.cancel();
  body_gathered_ = true;
  gates_.body = body_;
  if (!at_gates_) return respond();
  state_ = State::answering;
  start_read();
  pass_gates();
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
    // The answer has begun and a second one would be read as its body. The exchange that asks is
    // still on the stack.
    asio::post(stream_.socket().get_executor(), [self = Ref(this)] {});
    return abort();
  }
  if (body_.empty() && step.step == http::Step::need_more) return more_body();
  piece_wanted_ = false;
  body_complete_ = step.step == http::Step::done;
  exchange_.on_body(body_, body_complete_);
}

// --- answering
// -------------------------------------------------------------------------------------------------------

void Connection::respond() {
  state_ = State::answering;
  // Sees the client go, and the next request come; a body still to come is read when somebody asks
  // for it.
  if (body_complete_) start_read();
  if (plan_) return start_exchange();
  if (match_.outcome != router::Match::Outcome::found) return answer_unmatched();
  switch (match_.id) {
    case compile::kHealthRoute:
      return answer_health();
    case compile::kDebugRoute:
      return answer_debug();
    default:
      return answer_echo();
  }
}

void Connection::start_exchange() {
  endpoint_ = &serving_->endpoint(match_.id);
  exchange_.start(*plan_, *endpoint_, *serving_, gates_);
}

// HTTP that cannot be understood, or may not be: an answer, then the end of the connection.
void Connection::refuse(const http::Refusal& refusal) {
  ++worker_.metrics().server.malformed_requests;
  if (!serving_) serving_ = worker_.serving();
  if (state_ == State::head) {
    ++worker_.metrics().server.requests_in_flight;
    started_ = Clock::now();
    head_only_ = false;
    match_ = {};
    gates_.begin({}, {});
    gates_.answer_fields.clear();
    plan_ = nullptr;
    endpoint_ = nullptr;
    request_id_.clear();
  }
  state_ = State::answering;
  keep_alive_ = false;
  log::debug("request refused", {{"client", peer_address_},
                                 {"status", std::to_string(refusal.status)},
                                 {"reason", refusal.text}});
  // The texts of Go's server, which KrakenD's users see: nothing of what was wrong goes to the
  // client.
  if (refusal.status == 417) return answer_own(417, "", "", false);
  const std::string text =
      refusal.status == 501
          ? "Unsupported transfer encoding"
          : std::to_string(refusal.status) + " " + std::string(http::reason_phrase(refusal.status));
  answer_own(refusal.status, "text/plain; charset=utf-8", text, false);
}

void Connection::answer_own(unsigned status, std::string_view content_type, std::string_view body,
                            bool gateway_fields) {
  std::string& out = begin(status);
  if (!content_type.empty()) proxy::put(out, "Content-Type", content_type);
  if (gateway_fields) {
    const compile::Identity& identity = serving_->graph().identity;
    proxy::put(out, "X-Krakend", identity.version_header);
    proxy::put(out, "X-Krakend-Completed", "false");
    if (!identity.compat) proxy::put(out, "X-Request-Id", request_id_);
  }
  send(body);
}

void Connection::answer_unmatched() {
  const compile::Settings& settings = serving_->graph().settings;
  const http::RequestHead& head = reader_.head();
  ++worker_.metrics().server.requests_unmatched;
  if (!redirect_.empty()) return redirect(redirect_);
  if (settings.auto_options && head.method_id == http::Method::options &&
      match_.outcome == router::Match::Outcome::method_not_allowed && match_.allow &&
      answer_options())
    return;
  const bool wrong_method = match_.outcome == router::Match::Outcome::method_not_allowed &&
                            settings.handle_method_not_allowed;
  const std::string& json = wrong_method ? settings.error_body_405 : settings.error_body_404;
  std::string& out = begin(wrong_method ? 405 : 404);
  proxy::put(out, "Content-Type", json.empty() ? "text/plain" : "application/json; charset=utf-8");
  if (wrong_method && match_.allow)
    proxy::put(
        out, "Allow",
        settings.auto_options && allows_endpoint() ? *match_.allow + ", OPTIONS" : *match_.allow);
  const compile::Identity& identity = serving_->graph().identity;
  proxy::put(out, "X-Krakend", identity.version_header);
  proxy::put(out, "X-Krakend-Completed", "false");
  if (!identity.compat) proxy::put(out, "X-Request-Id", request_id_);
  send(!json.empty()  ? std::string_view(json)
       : wrong_method ? "405 method not allowed"
                      : "404 page not found");
}

// What the router answers by itself (redirects, auto_options) does not.
bool Connection::goes_to_catch_all() const {
  const http::Method method = reader_.head().method_id;
  if (match_.outcome == router::Match::Outcome::found || !redirect_.empty() ||
      !reader_.head().path.starts_with('/') || method == http::Method::connect ||
      method == http::Method::trace)
    return false;
  return !(serving_->graph().settings.auto_options && method == http::Method::options &&
           match_.outcome == router::Match::Outcome::method_not_allowed && match_.allow &&
           allows_endpoint());
}

// Whether the methods of match_.allow are those of an endpoint, not of a page of the gateway.
bool Connection::allows_endpoint() const {
  const std::string_view first = split(*match_.allow, ',').front();
  const router::Match other =
      serving_->graph().router.match(reader_.head().host, trim(first),
                                     path_.empty() ? reader_.head().path : std::string_view(path_));
  return other.outcome == router::Match::Outcome::found && other.id < compile::kHealthRoute;
}

// router.auto_options: the methods of the endpoints at this path, sorted. False where there is
// none.
bool Connection::answer_options() {
  const compile::Graph& graph = serving_->graph();
  const http::RequestHead& head = reader_.head();
  std::vector<std::string_view> methods;
  for (std::string_view method : split(*match_.allow, ',')) {
    method = trim(method);
    if (method == "OPTIONS") continue;
    const router::Match other =
        graph.router.match(head.host, method, path_.empty() ? head.path : std::string_view(path_));
    if (other.outcome != router::Match::Outcome::found || other.id >= compile::kHealthRoute)
      continue;
    if (methods.empty()) {
      const auto decoded =
          proxy::decode_parameters(graph.endpoints[other.id], graph.settings,
                                   {other.parameters.data(), other.parameter_count}, gates_);
      if (!decoded) {
        answer_own(400, "text/plain; charset=utf-8", "error: " + decoded.error().message, false);
        return true;
      }
    }
    methods.push_back(method);
  }
  if (methods.empty()) return false;
  std::ranges::sort(methods);
  std::string allow;
  for (const std::string_view method : methods) {
    if (!allow.empty()) allow += ", ";
    allow += method;
  }
  std::string& out = begin(200);
  proxy::put(out, "Allow", allow);
  proxy::put(out, "X-Krakend", graph.identity.version_header);
  send({});
  return true;
}

void Connection::find_redirect() {
  const compile::Settings& settings = serving_->graph().settings;
  const router::Router& router = serving_->graph().router;
  const http::RequestHead& head = reader_.head();
  if (settings.auto_options && head.method_id == http::Method::options) {
    // As if OPTIONS were a method of every endpoint.
    if (match_.outcome != router::Match::Outcome::not_found) return;
    for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      if (settings.redirect_trailing_slash)
        redirect_ = router.redirect_trailing_slash(head.host, method, head.path);
      if (redirect_.empty() && settings.redirect_fixed_path)
        redirect_ = router.redirect_fixed_path(head.host, method, head.path);
      if (!redirect_.empty()) return;
    }
    return;
  }
  if (settings.redirect_trailing_slash && !path_.empty()) {
    // The cleaned path decides, the path as it came gets or loses its slash (Go).
    if (!router.redirect_trailing_slash(head.host, head.method, path_).empty())
      redirect_ = path_.ends_with('/') ? std::string(head.path.substr(0, head.path.size() - 1))
                                       : std::string(head.path) + '/';
  } else if (settings.redirect_trailing_slash) {
    redirect_ = router.redirect_trailing_slash(head.host, head.method, head.path);
  }
  if (redirect_.empty() && settings.redirect_fixed_path)
    redirect_ = router.redirect_fixed_path(head.host, head.method, head.path);
}

// As Go: 301 with a small page for GET, 307 otherwise.
void Connection::redirect(const std::string& path) {
  const http::RequestHead& head = reader_.head();
  const bool get = head.method_id == http::Method::get;
  std::string location = path;
  if (!head.query.empty()) location += "?" + std::string(head.query);
  std::string& out = begin(get ? 301 : 307);
  std::string page;
  if (get) {
    proxy::put(out, "Content-Type", "text/html; charset=utf-8");
    std::string escaped;
    for (const char c : location) {
      if (c == '&')
        escaped += "&amp;";
      else if (c == '<')
        escaped += "&lt;";
      else if (c == '>')
        escaped += "&gt;";
      else if (c == '"')
        escaped += "&#34;";
      else if (c == '\'')
        escaped += "&#39;";
      else
        escaped += c;
    }
    page = "<a href=\"" + escaped + "\">Moved Permanently</a>.\n\n";
  }
  proxy::put(out, "Location", location);
  send(page);
}

// --- ClientSide
// ------------------------------------------------------------------------------------------------------

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
  if (worker_.draining() || eof_) keep_alive_ = false;
  if (!body_complete_ && !plan_) keep_alive_ = false;
  if (!keep_alive_)
    out_ += "Connection: close\r\n";
  else if (reader_.head().version == 10)
    out_ += "Connection: keep-alive\r\n";
  out_ += "\r\n";
}

void Connection::send(std::string_view body) {
  gates_.decorate(out_);
  if (status_ != 204 && status_ != 304) {
    out_ += "Content-Length: ";
    char digits[20];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, body.size()).ptr);
    out_ += "\r\n";
  }
  pass_unwanted_body();
  if (!body_complete_) keep_alive_ = false;
  end_head();
  if (!head_only_ && status_ != 204 && status_ != 304) {
    out_ += body;
    body_bytes_ = body.size();
  }
  answered_ = true;
  write_out();
}

void Connection::stream(std::optional<std::uint64_t> length) {
  gates_.decorate(out_);
  const bool bodyless = status_ == 204 || status_ == 304 || status_ < 200;
  if (length) {
    framing_ = Framing::length;
    if (!bodyless) {
      out_ += "Content-Length: ";
      char digits[20];
      out_.append(digits, std::to_chars(digits, digits + sizeof digits, *length).ptr);
      out_ += "\r\n";
    }
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
    if (framing_ == Framing::chunked) {
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
  }
  answered_ = last;
  wants_ready_ = !last;
  write_out();
}

void Connection::flush() {
  if (!out_.empty()) write_out();
}

void Connection::abort() {
  const Ref keep = std::move(self_);
  record();
  state_ = State::closed;
  timer_.cancel();
  stream_.reset();
  unlink();
  worker_.connection_closed();
}

// --- writing
// ---------------------------------------------------------------------------------------------------------

void Connection::write_out() {
  if (writing_) return;
  error_code error;
  written_ += stream_.write_now(std::string_view(out_).substr(written_), error);
  if (error) return on_written(error);
  if (written_ == out_.size()) return on_written({});
  writing_ = true;
  if (!timer_.armed()) arm(kStalledWrite);
  // Whatever is appended meanwhile waits in out_: the bytes under way must not move.
  std::string under_way;
  under_way.swap(out_);
  auto held = std::make_unique<std::string>(std::move(under_way));
  const std::string_view rest = std::string_view(*held).substr(written_);
  written_ = 0;
  stream_.async_write(
      rest, [self = Ref(this), held = std::move(held)](const error_code& failure, std::size_t) {
        self->writing_ = false;
        if (self->state_ == State::closed) return;
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

void Connection::finish_request() {
  answered_ = false;
  gates_.stop();
  record();
  timer_.cancel();
  if (!keep_alive_ || !body_complete_ || eof_) return linger();
  if (into_body_) {
    in_.clear();
    in_.swap(body_in_);
    into_body_ = false;
  }
  if (in_.empty() && !reading_) in_.clear();
  state_ = State::head;
  const compile::Settings& settings = worker_.serving()->graph().settings;
  reader_.reset(reader_limits(settings));
  serving_.reset();
  if (processing_) return;  // the loop of process() goes on
  if (!in_.empty()) {
    // The exchange that called us is still on the stack.
    asio::post(stream_.socket().get_executor(), [self = Ref(this)] { self->process(); });
    return;
  }
  if (settings.idle_timeout.count() > 0) arm(settings.idle_timeout);
  start_read();
}

// Half closes and takes what the client still sends: a reset would destroy the answer on its way.
void Connection::linger() {
  serving_.reset();
  if (eof_ || state_ == State::closed) return close();
  state_ = State::lingering;
  error_code ignored;
  stream_.socket().shutdown(TcpSocket::shutdown_send, ignored);
  arm(kLinger);
  in_.clear();
  body_in_.clear();
  start_read();
}

void Connection::close() {
  if (state_ == State::closed) return;
  const Ref keep = std::move(self_);
  if (state_ == State::answering || state_ == State::body) {
    gates_.stop();
    exchange_.cancel();
    status_ = 0;
    record();
  }
  state_ = State::closed;
  timer_.cancel();
  stream_.close();
  serving_.reset();
  unlink();
  worker_.connection_closed();
}

void Connection::shut() {
  exchange_.cancel();
  close();
}

void Connection::on_timer() { close(); }

void Connection::arm(std::chrono::nanoseconds after) {
  worker_.wheel().arm(timer_, Clock::now() + after);
}

}  // namespace ropewalk::server
