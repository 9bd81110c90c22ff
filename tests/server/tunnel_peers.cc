#include "tests/server/tunnel_peers.h"

#include "tests/server/peers.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace ropewalk::testing {
namespace {

bool pass_on(int from, int to) {
  char block[4096];
  const ssize_t n = ::recv(from, block, sizeof block, 0);
  return n > 0 && ::send(to, block, static_cast<std::size_t>(n), MSG_NOSIGNAL) == n;
}

std::shared_ptr<void> context_of(const fakes::Pair& pair) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  const auto memory = [](const std::string& text) {
    return std::unique_ptr<BIO, int (*)(BIO*)>(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  };
  X509* certificate =
      PEM_read_bio_X509(memory(pair.certificate_pem).get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key =
      PEM_read_bio_PrivateKey(memory(pair.private_key_pem).get(), nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {context, [](void* old) { SSL_CTX_free(static_cast<SSL_CTX*>(old)); }};
}

}  // namespace

void await_end(int connection) {
  pollfd peer{connection, POLLRDHUP, 0};
  ::poll(&peer, 1, -1);
}

Listener::Listener(std::function<void(int)> serve) : serve_(std::move(serve)) {
  listener_ = listen_on_loopback(port_);
  acceptor_ = std::thread([this] {
    for (;;) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      const std::lock_guard lock(mutex_);
      open_.push_back(connection);
      threads_.emplace_back([this, connection] {
        serve_(connection);
        const std::lock_guard closing(mutex_);
        open_.remove(connection);
        ::close(connection);
      });
    }
  });
}

Listener::~Listener() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

TunnelProxy::TunnelProxy(std::string greeting)
    : greeting_(std::move(greeting)), listener_([this](int connection) { serve(connection); }) {}

std::vector<std::string> TunnelProxy::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

void TunnelProxy::serve(int connection) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::recv(connection, &byte, 1, 0) != 1) return;
    head += byte;
  }
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(head);
  }
  ::send(connection, greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
  if (!greeting_.starts_with("HTTP/1.1 200")) return;
  const std::string target = head.substr(8, head.find(' ', 8) - 8);
  const int beyond = connect_to_loopback(
      static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1))));
  if (beyond < 0) return;
  for (;;) {
    pollfd ends[] = {{connection, POLLIN, 0}, {beyond, POLLIN, 0}};
    if (::poll(ends, 2, -1) < 0) break;
    if (ends[0].revents != 0 && !pass_on(connection, beyond)) break;
    if (ends[1].revents != 0 && !pass_on(beyond, connection)) break;
  }
  ::close(beyond);
}

TlsBackend::TlsBackend(const fakes::Pair& pair, std::size_t longest, Beyond beyond)
    : context_(context_of(pair)),
      longest_(longest),
      beyond_(beyond),
      listener_([this](int connection) { serve(connection); }) {}

void TlsBackend::serve(int connection) {
  ++connections_;
  SSL* tls = SSL_new(static_cast<SSL_CTX*>(context_.get()));
  SSL_set_fd(tls, connection);
  if (SSL_accept(tls) == 1) {
    std::string input;
    char block[4096];
    for (;;) {
      const int n = SSL_read(tls, block, sizeof block);
      if (n <= 0) break;
      input.append(block, static_cast<std::size_t>(n));
      if (input.size() > longest_) {
        if (beyond_ == Beyond::wait) await_end(connection);
        break;
      }
      if (!input.ends_with("\r\n\r\n")) continue;
      const std::string answer =
          json_answer("{\"line\":\"" + input.substr(0, input.find('\r')) + "\"}");
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
      input.clear();
    }
  }
  SSL_free(tls);
}

}  // namespace ropewalk::testing
