#include "dataplane/backend/connection.h"

#include "dataplane/backend/pool.h"
#include "dataplane/net/tcp_keep_alive.h"

#include <memory>
#include <utility>

namespace ropewalk::backend {

void Connection::connect(const asio::ip::tcp::endpoint& endpoint) {
  stream.socket().async_connect(endpoint, [self = ConnectionRef(this)](const error_code& error) {
    if (self->user_) self->user_->on_connected(*self, error);
  });
}

void Connection::prepare(std::chrono::seconds idle) {
  stream.prepare();
  if (idle.count() > 0) net::probe_when_silent(stream.socket().native_handle(), idle);
}

void Connection::handshake() {
  stream.tls()->async_handshake(asio::ssl::stream_base::client,
                                [self = ConnectionRef(this)](const error_code& error) {
                                  if (self->user_) self->user_->on_handshake(error);
                                });
}

void Connection::start_read(std::size_t want) {
  if (reading_ || !open_) return;
  reading_ = true;
  in.reserve(want);
  stream.async_read_some(in.tail(), in.room(),
                         [self = ConnectionRef(this)](const error_code& error, std::size_t n) {
                           self->reading_ = false;
                           if (!self->open_) return;
                           self->in.commit(n);
                           if (self->user_)
                             self->user_->on_read(error);
                           else if (self->pool)
                             self->pool->drop(*self);
                         });
}

Connection::Written Connection::write(std::string& data, std::size_t& taken, error_code& error) {
  taken = stream.write_now(data, error);
  if (error) return Written::failed;
  if (taken == data.size()) return Written::done;
  auto held = std::make_unique<std::string>(std::exchange(data, {}));
  const std::string_view rest = std::string_view(*held).substr(taken);
  stream.async_write(rest, [self = ConnectionRef(this), held = std::move(held)](
                               const error_code& failure, std::size_t n) {
    if (self->open_ && self->user_) self->user_->on_written(failure, n);
  });
  return Written::pending;
}

void Connection::close() {
  open_ = false;
  stream.close();
}

}  // namespace ropewalk::backend
