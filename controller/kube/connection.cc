#include "controller/kube/connection.h"

#include "common/version.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t kMaxHead = 64 * 1024;

auto into(error_code& error) {
  return asio::redirect_error(asio::use_awaitable_t<Executor>(), error);
}

Result<void> expect_name(SSL* ssl, const std::string& name) {
  error_code not_an_address;
  asio::ip::make_address(name, not_an_address);
  bool ok = true;
  if (not_an_address) {
    ok = SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && SSL_set1_host(ssl, name.c_str()) == 1;
  } else {
    ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  }
  if (!ok) return fail(Kind::tls, "not a server name: " + name, Origin::control);
  return {};
}

}  // namespace

Connection::Connection(asio::io_context& context, std::shared_ptr<asio::ssl::context> tls)
    : context_(context), tls_(std::move(tls)), stream_(context.get_executor(), *tls_) {}

Error Connection::error_of(const error_code& error, const char* doing) const {
  Kind kind = Kind::reset;
  std::string reason = error.message();
  if (error == boost::beast::error::timeout) {
    kind = Kind::timeout;
    reason = "no answer in time";
  } else if (closed_ || error == asio::error::operation_aborted) {
    kind = Kind::cancelled;
  } else if (error == http::error::body_limit || error == http::error::header_limit) {
    kind = Kind::too_large;
  } else if (error.category() == http::make_error_code(http::error::bad_version).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    kind = Kind::protocol;
  }
  return {.kind = kind,
          .origin = Origin::control,
          .message = std::string(doing) + " API server " + peer_ + ": " + reason};
}

Task<Result<void>> Connection::open(const ClusterConfig& config, Milliseconds deadline) {
  const bool literal_v6 = config.host.find(':') != std::string::npos;
  peer_ = (literal_v6 ? "[" + config.host + "]" : config.host) + ":" + config.port;
  error_code error;
  auto& tcp = boost::beast::get_lowest_layer(stream_);
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(context_.get_executor());
  const auto found = co_await resolver.async_resolve(config.host, config.port, into(error));
  if (error) {
    co_return fail(Kind::connect, "API server " + peer_ + ": " + error.message(), Origin::control);
  }
  tcp.expires_after(deadline);
  co_await tcp.async_connect(found, into(error));
  if (error) {
    Error out = error_of(error, "connecting to");
    if (out.kind == Kind::reset) out.kind = Kind::connect;
    co_return std::unexpected(std::move(out));
  }
  tcp.socket().set_option(asio::ip::tcp::no_delay(true), error);
  if (auto done = expect_name(stream_.native_handle(), config.server_name); !done) co_return done;
  tcp.expires_after(deadline);
  co_await stream_.async_handshake(asio::ssl::stream_base::client, into(error));
  if (!error) co_return Result<void>();
  Error out = error_of(error, "TLS with");
  const long verified = SSL_get_verify_result(stream_.native_handle());
  if (error.category() == asio::error::get_ssl_category()) {
    out.kind = Kind::tls;
    if (verified != X509_V_OK) {
      out.message = "TLS with API server " + peer_ + ": its certificate for " + config.server_name +
                    " is not trusted: " + X509_verify_cert_error_string(verified) + " (" +
                    config.origin + ")";
    }
  }
  co_return std::unexpected(std::move(out));
}

Task<Result<void>> Connection::exchange(const ClusterConfig& config, const std::string& token,
                                        const Request& request, Parser& parser,
                                        Milliseconds deadline) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(config.base_path + request.target);
  message.set(http::field::host, peer_);
  message.set(http::field::user_agent, std::string("ropewalk-controller/") + kVersion);
  message.set(http::field::accept, request.accept);
  if (!token.empty()) message.set(http::field::authorization, "Bearer " + token);
  if (!request.content_type.empty()) {
    message.set(http::field::content_type, request.content_type);
    message.body() = request.body;
  }
  if (!request.body.empty() || request.method != "GET") message.prepare_payload();
  error_code error;
  boost::beast::get_lowest_layer(stream_).expires_after(deadline);
  co_await http::async_write(stream_, message, into(error));
  if (error) co_return std::unexpected(error_of(error, "asking"));
  parser.header_limit(kMaxHead);
  co_await http::async_read_header(stream_, buffer_, parser, into(error));
  if (error) co_return std::unexpected(error_of(error, "waiting for"));
  co_return Result<void>();
}

Task<Result<void>> Connection::read_some(Parser& parser, Milliseconds deadline) {
  error_code error;
  boost::beast::get_lowest_layer(stream_).expires_after(deadline);
  co_await http::async_read_some(stream_, buffer_, parser, into(error));
  if (error) co_return std::unexpected(error_of(error, "reading from"));
  co_return Result<void>();
}

void Connection::close() {
  closed_ = true;
  boost::beast::get_lowest_layer(stream_).close();
}

}  // namespace ropewalk::controller::kube
