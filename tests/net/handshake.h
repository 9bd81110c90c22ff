// A TLS client and a TLS server that talk through memory: real handshakes without sockets.
#pragma once

#include "dataplane/net/tls_material.h"

#include <openssl/err.h>

#include <string>

namespace ropewalk::net {

class Handshake {
 public:
  Handshake(SSL_CTX* client_context, SSL_CTX* server_context)
      : client(SSL_new(client_context)), server(SSL_new(server_context)) {
    BIO* to_server = BIO_new(BIO_s_mem());
    BIO* to_client = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(to_server, -1);
    BIO_set_mem_eof_return(to_client, -1);
    BIO_up_ref(to_server);
    BIO_up_ref(to_client);
    SSL_set_bio(client.get(), to_client, to_server);
    SSL_set_bio(server.get(), to_server, to_client);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
  }

  // True when both ends finished. Otherwise the errors hold what each end met.
  bool run() {
    for (int turn = 0; turn < 20; ++turn) {
      step(client.get(), client_error);
      step(server.get(), server_error);
    }
    if (!SSL_is_init_finished(client.get()) || !SSL_is_init_finished(server.get())) return false;
    return client_error.empty() && server_error.empty();
  }

  OpensslPtr<SSL> client;
  OpensslPtr<SSL> server;
  std::string client_error;
  std::string server_error;

 private:
  // Reading drives the handshake and afterwards takes session tickets and late alerts.
  static void step(SSL* ssl, std::string& error) {
    if (!error.empty()) return;
    ERR_clear_error();
    char byte = 0;
    const int n = SSL_read(ssl, &byte, 1);
    const int reason = SSL_get_error(ssl, n);
    if (reason == SSL_ERROR_SSL) error = ERR_reason_error_string(ERR_peek_last_error());
    if (reason == SSL_ERROR_SYSCALL || reason == SSL_ERROR_ZERO_RETURN) error = "closed";
    ERR_clear_error();
  }
};

}  // namespace ropewalk::net
