#include "dataplane/server/connection.h"

#include "dataplane/compile/routes.h"
#include "dataplane/http/client_address.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/runtime/kept_memory.h"
#include "dataplane/server/worker.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace ropewalk::server {
namespace {

using runtime::Clock;
using namespace std::chrono_literals;

constexpr std::size_t kHeadRead = 4096;
constexpr std::size_t kBodyRead = 32 * 1024;
constexpr auto kHandshakeTimeout = 10s;
// How long a client's last bytes are awaited.
constexpr auto kLinger = 2s;

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
  reads_body_ = into_body_;
  stream_.async_read_some(buffer.tail(), buffer.room(),
                          [self = Ref(this)](const error_code& error, std::size_t n) {
                            self->reading_ = false;
                            if (self->state_ != State::closed) self->on_read(error, n);
                          });
}

void Connection::on_read(const error_code& error, std::size_t n) {
  if (reads_body_) {
    body_in_.commit(n);
  } else {
    in_.commit(n);
    // Begun before the body had a buffer of its own.
    if (into_body_) take_over_body();
  }
  if (error) {
    eof_ = true;
    if (state_ == State::answering) {
      // Who closes its side while it waits has gone (Go, nginx); what is written already still goes
      // out, and what was sent before is still answered.
      if (error == asio::error::eof && !piece_wanted_ && (answered_ || !sent_all())) return;
      gates_.stop();
      exchange_.cancel();
      status_ = 0;
      record();
    }
    // What was sent before is still answered.
    if (error == asio::error::eof && state_ == State::head && !in_.empty()) return process();
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
  } else if (requests_ > 0 && !timer_.armed()) {
    await_next();
  }
  if (eof_)
    close();
  else
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
      take_head();
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
  take_head();
  // A client that leaves at a gate is noticed.
  state_ = State::answering;
  if (body_complete_) start_read();
  pass_gates();
}

// Gates change a copy. What they add there is the gateway's, whatever the client's Connection
// names.
void Connection::take_head() {
  head_ = reader_.head();
  http::drop_connection_options(head_.fields);
  gates_.head = &head_;
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

// --- the end of a request, of a connection
// ------------------------------------------------------------------------------------------------------

void Connection::finish_request() {
  answered_ = false;
  gates_.stop();
  // The exchange looks at its plan once more, and this may be the last request of it.
  const proxy::ServingRef served = serving_;
  record();
  timer_.cancel();
  if (std::exchange(endpoint_, nullptr) && served) exchange_.give_back();
  runtime::release_if_large(body_);
  runtime::release_if_large(out_);
  if (!keep_alive_ || retiring_ || !body_complete_ || sent_all()) return linger();
  if (into_body_) {
    in_.clear();
    in_.swap(body_in_);
    into_body_ = reads_body_ = false;
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
  await_next();
  start_read();
}

void Connection::await_next() {
  const auto idle = worker_.serving()->graph().settings.idle_timeout;
  if (idle.count() > 0) arm(idle);
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
  release();
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

// Whoever ends a connection may be called by its exchange, which is on the stack with the
// configuration that it serves from.
void Connection::release() {
  asio::post(stream_.socket().get_executor(), [keep = std::move(self_), serving = serving_] {});
}

void Connection::shut() {
  exchange_.cancel();
  close();
}

void Connection::retire() {
  retiring_ = true;
  if (state_ == State::handshake || state_ == State::head) shut();
}

std::uint16_t Connection::local_port() {
  error_code ignored;
  return stream_.socket().local_endpoint(ignored).port();
}

void Connection::on_timer() {
  if (state_ != State::body || !plan_ || Clock::now() < started_ + plan_->timeout) return close();
  // The time of the endpoint has passed while its request was on the way.
  const compile::Settings& settings = serving_->graph().settings;
  gates_.stop();
  state_ = State::answering;
  keep_alive_ = false;
  const std::string_view text = settings.return_error_msg ? "context deadline exceeded" : "";
  answer_own(settings.gateway_status_codes ? 408 : 500,
             text.empty() ? "" : "text/plain; charset=utf-8", text, true);
}

void Connection::arm(std::chrono::nanoseconds after) {
  worker_.wheel().arm(timer_, Clock::now() + after);
}

}  // namespace ropewalk::server
