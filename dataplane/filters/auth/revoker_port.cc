#include "dataplane/filters/auth/revoker_port.h"

#include "common/asio.h"
#include "common/log.h"
#include "dataplane/filters/auth/gob_rpc.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <thread>

namespace ropewalk::auth {
namespace {

using std::chrono::seconds;

struct Client {
  explicit Client(TcpSocket accepted) : socket(std::move(accepted)) {}
  TcpSocket socket;
  std::array<char, 16384> piece;
  std::string in;
  std::string out;
  RpcReader reader;
  RpcWriter writer;
};

}  // namespace

struct RevokerPort::Impl {
  Impl(std::uint16_t wanted, Target called) : port(wanted), target(std::move(called)) {}

  std::uint16_t port;
  Target target;
  std::size_t clients = 0;  // those of handlers that io destroys, too
  asio::io_context io{1};
  TcpAcceptor acceptor{io.get_executor()};
  SteadyTimer again{io.get_executor()};
  bool warned = false;
  std::atomic<std::uint16_t> listening = 0;
  std::thread thread;

  error_code open(const asio::ip::tcp::endpoint& endpoint) {
    error_code error;
    error_code ignored;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && endpoint.protocol() == asio::ip::tcp::v6())
      acceptor.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) listening = acceptor.local_endpoint(ignored).port();
    if (error) acceptor.close(ignored);
    return error;
  }

  void listen() {
    error_code error = open({asio::ip::tcp::v6(), port});
    if (error && error != asio::error::address_in_use) error = open({asio::ip::tcp::v4(), port});
    if (!error) {
      log::info("revocations are taken", {{"port", std::to_string(listening)}});
      return accept();
    }
    if (!std::exchange(warned, true))
      log::warning("no revocations yet: the port of auth/revoker cannot be opened, trying again",
                   {{"port", std::to_string(port)}, {"reason", error.message()}});
    again.expires_after(seconds(1));
    again.async_wait([this](const error_code& stopped) {
      if (!stopped) listen();
    });
  }

  void accept() {
    acceptor.async_accept([this](const error_code& error, TcpSocket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {  // out of descriptors, say
        again.expires_after(seconds(1));
        again.async_wait([this](const error_code& stopped) {
          if (!stopped) accept();
        });
        return;
      }
      error_code ignored;
      socket.set_option(asio::socket_base::keep_alive(true), ignored);  // pods vanish
      if (clients >= kMostClients) {
        log::warning(
            "a client of the port of auth/revoker is turned away: there are as many as it takes",
            {{"clients", std::to_string(clients)}});
      } else {
        ++clients;
        read(std::shared_ptr<Client>(new Client(std::move(socket)), [this](Client* gone) {
          --clients;
          delete gone;
        }));
      }
      accept();
    });
  }

  void read(std::shared_ptr<Client> client) {
    Client& on = *client;
    on.socket.async_read_some(
        asio::buffer(on.piece),
        [this, client = std::move(client)](const error_code& error, std::size_t size) mutable {
          if (error) return;
          client->in.append(client->piece.data(), size);
          if (!serve(*client)) return;
          if (client->out.empty()) return read(std::move(client));
          Client& on = *client;
          asio::async_write(
              on.socket, asio::buffer(on.out),
              [this, client = std::move(client)](const error_code& failed, std::size_t) mutable {
                if (failed) return;
                client->out.clear();
                read(std::move(client));
              });
        });
  }

  // False: nothing that can be understood will come any more.
  bool serve(Client& client) {
    for (;;) {
      const auto call = client.reader.next(client.in);
      if (!call) {
        log::warning("a client of the port of auth/revoker is refused",
                     {{"reason", call.error().message}});
        return false;
      }
      if (!*call) return true;
      answer(client, **call);
    }
  }

  void answer(Client& client, const RpcCall& call) {
    switch (call.method) {
      case RpcCall::Method::add:
        for (const std::string& element : call.elements) target.revoke(element);
        return client.writer.append_added(client.out, call, call.elements.size());
      case RpcCall::Method::check: {
        std::vector<bool> checks;
        for (const std::string& element : call.elements) checks.push_back(target.revoked(element));
        return client.writer.append_checked(client.out, call, checks);
      }
      case RpcCall::Method::unknown:
        return client.writer.append_error(client.out, call, "rpc: can't find method " + call.name);
    }
  }
};

RevokerPort::RevokerPort(std::uint16_t port, Target target)
    : impl_(std::make_unique<Impl>(port, std::move(target))) {
  impl_->thread = std::thread([impl = impl_.get()] {
    impl->listen();
    impl->io.run();
  });
}

RevokerPort::~RevokerPort() {
  impl_->io.stop();
  impl_->thread.join();
}

std::uint16_t RevokerPort::port() const { return impl_->listening; }

}  // namespace ropewalk::auth
