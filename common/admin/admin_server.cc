#include "common/admin/admin_server.h"

#include "common/asio.h"
#include "common/log.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>
#include <list>
#include <map>
#include <optional>
#include <thread>

namespace ropewalk::admin {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kMaxConnections = 64;
constexpr std::uint32_t kMaxHead = 8 * 1024;
// For the next request to arrive whole, idle time included, and for an answer to leave.
constexpr auto kDeadline = std::chrono::seconds(10);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

using Handlers = std::map<std::string, Handler, std::less<>>;

Answer answer_for(const Handlers& handlers, http::verb method, std::string_view target) {
  const auto question = target.find('?');
  const auto found = handlers.find(target.substr(0, question));
  if (found == handlers.end()) return {404, "text/plain; charset=utf-8", "not found\n"};
  if (method != http::verb::get && method != http::verb::head)
    return {405, "text/plain; charset=utf-8", "only GET and HEAD\n"};
  return found->second(question == std::string_view::npos ? "" : target.substr(question + 1));
}

class Connection;
using Connections = std::list<std::shared_ptr<Connection>>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(TcpSocket socket, const Handlers& handlers, Connections& all)
      : socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        handlers_(handlers),
        all_(all) {}

  void start(Connections::iterator self) {
    self_ = self;
    read();
  }

  // Takes itself off the list; what still runs ends with an error and touches nothing.
  void close() {
    if (closed_) return;
    closed_ = true;
    deadline_.cancel();
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_both, ignored);
    socket_.close(ignored);
    const auto keep = shared_from_this();
    all_.erase(self_);
  }

 private:
  void arm() {
    deadline_.expires_after(kDeadline);
    deadline_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) self->close();
    });
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxHead);
    parser_->body_limit(kMaxHead);
    arm();
    http::async_read(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
  }

  void on_read(error_code ec) {
    if (closed_) return;
    if (ec == http::error::header_limit) return refuse(431, "the request head is too large\n");
    if (ec == http::error::body_limit) return refuse(413, "no body is expected\n");
    if (ec.category() == http::make_error_code(http::error::bad_method).category() &&
        ec != http::error::end_of_stream && ec != http::error::partial_message)
      return refuse(400, "not an HTTP/1.1 request\n");
    if (ec) return close();
    const auto& request = parser_->get();
    const auto target = request.target();
    respond(answer_for(handlers_, request.method(), {target.data(), target.size()}),
            request.method() == http::verb::head, request.keep_alive(), request.version());
  }

  void refuse(unsigned status, std::string text) {
    respond({status, "text/plain; charset=utf-8", std::move(text)}, false, false, 11);
  }

  void respond(Answer answer, bool head, bool keep_alive, unsigned version) {
    response_ = {};
    response_.version(version);
    response_.result(answer.status);
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    if (answer.status == 405) response_.set(http::field::allow, "GET, HEAD");
    response_.keep_alive(keep_alive);
    response_.content_length(answer.body.size());
    if (!head) response_.body() = std::move(answer.body);
    arm();
    http::async_write(socket_, response_,
                      [self = shared_from_this(), keep_alive](error_code ec, std::size_t) {
                        if (self->closed_) return;
                        if (ec || !keep_alive) return self->close();
                        self->read();
                      });
  }

  TcpSocket socket_;
  SteadyTimer deadline_;
  const Handlers& handlers_;
  Connections& all_;
  Connections::iterator self_;
  boost::beast::flat_buffer buffer_{2 * kMaxHead};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool closed_ = false;
};

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> parse_host_port(std::string_view text) {
  const auto expected = [&](std::string_view what) {
    return fail(Kind::config, "admin address \"" + std::string(text) + "\": expected " +
                                  std::string(what) + ", e.g. 127.0.0.1:9180 or [::1]:9180");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return expected("HOST:PORT");
  Address out;
  const auto digits = text.substr(colon + 1);
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (ec != std::errc() || end != digits.data() + digits.size())
    return expected("a port from 0 to 65535");
  auto host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return expected("] after the address");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return expected("an IPv6 address in brackets");
  }
  out.host = host;
  return out;
}

// Start-up only: names are looked up blocking.
Result<asio::ip::tcp::endpoint> resolve(asio::io_context& context, const Address& address) {
  error_code ec;
  const auto literal = asio::ip::make_address(address.host, ec);
  if (!ec) return asio::ip::tcp::endpoint(literal, address.port);
  asio::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(address.host, std::to_string(address.port), ec);
  if (ec || found.empty()) return fail(Kind::connect, "unknown host: " + ec.message());
  return found.begin()->endpoint();
}

error_code open(TcpAcceptor& acceptor, const asio::ip::tcp::endpoint& endpoint) {
  error_code ec;
  error_code ignored;
  acceptor.close(ignored);
  acceptor.open(endpoint.protocol(), ec);
  if (ec) return ec;
  acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (endpoint.address().is_v6() && endpoint.address().is_unspecified())
    acceptor.set_option(asio::ip::v6_only(false), ec);
  acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

}  // namespace

struct AdminServer::Impl {
  asio::io_context context{1};
  TcpAcceptor acceptor{context.get_executor()};
  SteadyTimer pause{context.get_executor()};
  Handlers handlers;
  Connections connections;
  std::thread thread;

  void accept() {
    acceptor.async_accept([this](error_code ec, TcpSocket socket) {
      if (ec == asio::error::operation_aborted) return;
      if (ec) {
        log::warning("admin listener cannot accept", {{"reason", ec.message()}});
        pause.expires_after(kAcceptPause);
        pause.async_wait([this](error_code stopped) {
          if (!stopped) accept();
        });
        return;
      }
      // Whoever holds connections without using them must not lock out the probes.
      if (connections.size() >= kMaxConnections) {
        const auto oldest = connections.front();
        oldest->close();
      }
      connections.push_back(std::make_shared<Connection>(std::move(socket), handlers, connections));
      connections.back()->start(std::prev(connections.end()));
      accept();
    });
  }
};

Result<std::unique_ptr<AdminServer>> AdminServer::listen(const std::string& host_port) {
  const auto address = parse_host_port(host_port);
  if (!address) return std::unexpected(address.error());
  const auto failed = [&](std::string_view reason) {
    return fail(Kind::unavailable,
                "cannot listen on admin address " + host_port + ": " + std::string(reason));
  };
  auto impl = std::make_unique<Impl>();
  error_code ec;
  if (address->host.empty()) {
    ec = open(impl->acceptor, {asio::ip::address_v6::any(), address->port});
    if (ec == asio::error::address_family_not_supported)
      ec = open(impl->acceptor, {asio::ip::address_v4::any(), address->port});
  } else {
    const auto endpoint = resolve(impl->context, *address);
    if (!endpoint) return failed(endpoint.error().message);
    ec = open(impl->acceptor, *endpoint);
  }
  if (ec) return failed(ec.message());
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AdminServer::~AdminServer() {
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  // Connections point back to the list they are on.
  while (!impl_->connections.empty()) {
    const auto connection = impl_->connections.front();
    connection->close();
  }
}

void AdminServer::handle(std::string path, Handler handler) {
  impl_->handlers[std::move(path)] = std::move(handler);
}

void AdminServer::start() {
  impl_->accept();
  impl_->thread = std::thread([impl = impl_.get()] { impl->context.run(); });
}

std::uint16_t AdminServer::port() const {
  error_code ec;
  return impl_->acceptor.local_endpoint(ec).port();
}

}  // namespace ropewalk::admin
