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
