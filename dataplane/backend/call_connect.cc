// A call's way to a connection: addresses, the proxy's tunnel, TLS.
#include "dataplane/backend/call.h"

namespace ropewalk::backend {
namespace {

// A TLS handshake may take this long (KrakenD's fixed value), and so may a proxy to connect.
constexpr std::chrono::seconds kHandshakeTimeout{10};

// "name:443", as CONNECT asks for it.
std::string tunnel_target(const compile::Host& host) {
  const bool v6 = host.literal && host.address.find(':') != std::string::npos;
  return (v6 ? "[" + host.address + "]" : host.address) + ":" + std::to_string(host.port);
}

}  // namespace

void Call::connect() {
  // A proxy looks up the name of the host itself.
  const compile::Host& host = target_.pool->proxy() ? *target_.pool->proxy() : *target_.host;
  arm(settings_->connect_timeout, "no connection within dialer_timeout");
  if (host.literal) {
    error_code error;
    const auto address = asio::ip::make_address(host.address, error);
    if (error) return cannot_connect(error);  // "1.2.3" is no address, and no name either
    dial({address});
  } else if (const auto* known = environment_.resolver.cached(host.address)) {
    dial(*known);
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
                                    call->dial(std::move(*addresses));
                                  });
  }
}

void Call::dial(net::Resolver::Addresses addresses) {
  state_ = State::connecting;
  const compile::nanoseconds delay = settings_->fallback_delay;
  const auto attempt = dial_.begin(std::move(addresses), delay.count() >= 0);
  if (!attempt) return cannot_connect(asio::error::host_not_found);
  if (dial_.other_waits()) environment_.wheel.arm(fallback_timer_, runtime::Clock::now() + delay);
  connect_to(*attempt);
}

void Call::connect_to(const Dial::Attempt& attempt) {
  if (!dial_.other_waits()) fallback_timer_.cancel();
  const asio::ip::tcp::endpoint endpoint(
      attempt.address, target_.pool->proxy() ? target_.pool->proxy()->port : target_.host->port);
  http::ReaderLimits limits;
  limits.max_head_bytes = settings_->max_head_bytes;
  limits.max_fields = settings_->max_header_fields;
  ConnectionRef& connection = dialled_[static_cast<std::size_t>(attempt.lane)];
  connection = new Connection(environment_.io, limits);
  connection->attach(this);
  const std::string literal = endpoint.address().to_string();
  address_ = (endpoint.address().is_v6() ? "[" + literal + "]" : literal) + ":" +
             std::to_string(endpoint.port());
  connection->address = address_;
  connection->connect(endpoint);
}

void Call::on_fallback_delay() {
  if (const auto attempt = dial_.waited()) connect_to(*attempt);
}

void Call::cannot_connect(const error_code& last_failure) {
  fail_with(
      {Kind::connect, Origin::backend, Retry::nothing_sent,
       (target_.pool->proxy() ? "cannot connect to the proxy before " : "cannot connect to ") +
           target_.host->url + ": " + last_failure.message()});
}

void Call::abandon_dialled() {
  fallback_timer_.cancel();
  for (ConnectionRef& connection : dialled_) {
    if (!connection) continue;
    connection->detach();
    connection->close();
    connection.reset();
  }
}

void Call::on_connected(Connection& connection, const error_code& error) {
  const Dial::Lane lane = &connection == dialled_[0].get() ? Dial::Lane::first : Dial::Lane::other;
  ConnectionRef& dialled = dialled_[static_cast<std::size_t>(lane)];
  if (error) {
    dialled->detach();
    if (const auto next = dial_.failed(lane)) return connect_to(*next);
    if (dial_.lost()) cannot_connect(error);
    return;
  }
  connection_ = std::move(dialled);
  abandon_dialled();
  address_ = connection_->address;
  connection_->prepare(settings_->tcp_keep_alive);
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
  std::size_t taken = 0;  // of the tunnel's request, which is none of the host's
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

}  // namespace ropewalk::backend
