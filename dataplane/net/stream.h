// A byte stream over TCP, plain or TLS. One read and one write may be outstanding. Only its worker
// touches it.
#pragma once

#include "common/asio.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <string_view>

namespace ropewalk::net {

class Stream {
 public:
  using Tls = asio::ssl::stream<TcpSocket&>;

  explicit Stream(asio::io_context& context) : socket_(context) {}
  explicit Stream(TcpSocket socket) : socket_(std::move(socket)) {}

  TcpSocket& socket() { return socket_; }
  bool secure() const { return tls_ != nullptr; }
  // The TLS engine over this socket; before the handshake.
  Tls& use_tls(SSL_CTX* context) {
    SSL_CTX_up_ref(context);
    tls_context_ = std::make_unique<asio::ssl::context>(context);
    tls_ = std::make_unique<Tls>(socket_, *tls_context_);
    return *tls_;
  }
  Tls* tls() { return tls_.get(); }

  // Without delay for small writes and without blocking, as every socket of the gateway must be.
  void prepare() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  template <class Handler>
  void async_read_some(char* data, std::size_t size, Handler&& handler) {
    if (tls_)
      tls_->async_read_some(asio::buffer(data, size), std::forward<Handler>(handler));
    else
      socket_.async_read_some(asio::buffer(data, size), std::forward<Handler>(handler));
  }

  // Writes what the socket takes at once; TLS never does (its records must not be cut). Returns the
  // bytes taken.
  std::size_t write_now(std::string_view data, error_code& error) {
    error = {};
    if (tls_) return 0;
    std::size_t done = 0;
    while (done < data.size()) {
      done += socket_.write_some(asio::buffer(data.data() + done, data.size() - done), error);
      if (error) break;
    }
    if (error == asio::error::would_block || error == asio::error::try_again) error = {};
    return done;
  }

  template <class Handler>
  void async_write(std::string_view data, Handler&& handler) {
    if (tls_)
      asio::async_write(*tls_, asio::buffer(data.data(), data.size()),
                        std::forward<Handler>(handler));
    else
      asio::async_write(socket_, asio::buffer(data.data(), data.size()),
                        std::forward<Handler>(handler));
  }

  // Outstanding operations end with an error; no TLS close_notify is waited for.
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }
  // Closes so that the peer sees a broken connection, not a polite end.
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  TcpSocket socket_;
  std::unique_ptr<asio::ssl::context> tls_context_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace ropewalk::net
