#include "tests/controller_kube/fake_api.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <cstdio>
#include <list>
#include <thread>

namespace ropewalk::controller::kube {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Tls = asio::ssl::stream<asio::ip::tcp::socket>;

std::string common_name(SSL* ssl) {
  X509* certificate = SSL_get_peer_certificate(ssl);
  if (!certificate) return {};
  char name[128] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

std::string text(boost::beast::string_view view) { return {view.data(), view.size()}; }

}  // namespace

void FakeStream::push(std::string bytes) {
  const std::lock_guard lock(mutex_);
  pieces_.push_back(std::move(bytes));
  wake_.notify_all();
}

void FakeStream::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

void FakeStream::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  wake_.notify_all();
}

struct FakeApi::Impl {
  explicit Impl(Handler h) : handler(std::move(h)) {}

  struct Session {
    explicit Session(asio::ip::tcp::socket socket, asio::ssl::context& tls)
        : stream(std::move(socket), tls) {}
    Tls stream;
    std::thread thread;
  };

  void listen(unsigned short on_port);
  void accept();
  void serve(Session& session, int number);
  bool answer(Session& session, const FakeRequest& request);
  bool send_stream(Session& session, FakeStream& stream);
  void close();

  Handler handler;
  asio::io_context context;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  std::unique_ptr<asio::ip::tcp::acceptor> acceptor;
  unsigned short port = 0;
  std::thread acceptor_thread;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<FakeRequest> requests;
  std::list<Session> sessions;
  std::vector<std::shared_ptr<FakeStream>> streams;
  int connections = 0;
  bool stopping = false;
};

void FakeApi::Impl::listen(unsigned short on_port) {
  stopping = false;
  acceptor = std::make_unique<asio::ip::tcp::acceptor>(
      context, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), on_port));
  port = acceptor->local_endpoint().port();
  acceptor_thread = std::thread([this] { accept(); });
}

void FakeApi::Impl::accept() {
  for (;;) {
    error_code error;
    asio::ip::tcp::socket socket(context);
    acceptor->accept(socket, error);
    const std::lock_guard lock(mutex);
    if (error || stopping) return;
    const int number = ++connections;
    Session& session = sessions.emplace_back(std::move(socket), tls);
    session.thread = std::thread([this, &session, number] { serve(session, number); });
  }
}

void FakeApi::Impl::serve(Session& session, int number) {
  error_code error;
  session.stream.handshake(asio::ssl::stream_base::server, error);
  boost::beast::flat_buffer buffer;
  while (!error) {
    http::request<http::string_body> message;
    http::read(session.stream, buffer, message, error);
    if (error) break;
    FakeRequest request{.method = text(message.method_string()),
                        .target = text(message.target()),
                        .body = message.body(),
                        .authorization = text(message[http::field::authorization]),
                        .user_agent = text(message[http::field::user_agent]),
                        .accept = text(message[http::field::accept]),
                        .content_type = text(message[http::field::content_type]),
                        .host = text(message[http::field::host]),
                        .client_name = common_name(session.stream.native_handle()),
                        .connection = number};
    if (!answer(session, request)) break;
  }
  // Not close(): its owner may still use the descriptor to end the session.
  ::shutdown(session.stream.next_layer().native_handle(), SHUT_RDWR);
}

bool FakeApi::Impl::answer(Session& session, const FakeRequest& request) {
  // Before its effects: whoever saw them finds the request.
  {
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    wake.notify_all();
  }
  const FakeAnswer out = handler(request);
  if (out.stream) {
    const std::lock_guard lock(mutex);
    streams.push_back(out.stream);
    if (stopping) out.stream->cut();
  }
  if (out.never) {
    pollfd until_closed{session.stream.next_layer().native_handle(), POLLRDHUP, 0};
    ::poll(&until_closed, 1, -1);
    return false;
  }
  std::string head = "HTTP/1.1 " + std::to_string(out.status) + " X\r\n" + out.headers;
  error_code error;
  if (out.stream) {
    asio::write(session.stream, asio::buffer(head + "Transfer-Encoding: chunked\r\n\r\n"), error);
    return !error && send_stream(session, *out.stream);
  }
  head += "Content-Length: " + std::to_string(out.body.size()) + "\r\n\r\n" + out.body;
  asio::write(session.stream, asio::buffer(head), error);
  return !error && !out.close;
}

bool FakeApi::Impl::send_stream(Session& session, FakeStream& stream) {
  for (;;) {
    std::vector<std::string> pieces;
    bool ended = false;
    {
      std::unique_lock lock(stream.mutex_);
      stream.wake_.wait(lock,
                        [&] { return !stream.pieces_.empty() || stream.ended_ || stream.cut_; });
      if (stream.cut_) return false;
      pieces.swap(stream.pieces_);
      ended = stream.ended_;
    }
    error_code error;
    for (const std::string& piece : pieces) {
      char size[32];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      asio::write(session.stream, asio::buffer(size + piece + "\r\n"), error);
    }
    if (ended) asio::write(session.stream, asio::buffer(std::string("0\r\n\r\n")), error);
    if (error) return false;
    if (ended) return true;
  }
}

void FakeApi::Impl::close() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
    for (const auto& stream : streams) stream->cut();
    for (Session& session : sessions) {
      ::shutdown(session.stream.next_layer().native_handle(), SHUT_RDWR);
    }
  }
  if (!acceptor) return;
  ::shutdown(acceptor->native_handle(), SHUT_RDWR);
  acceptor_thread.join();
  for (Session& session : sessions) {
    ::shutdown(session.stream.next_layer().native_handle(), SHUT_RDWR);
    session.thread.join();
  }
  sessions.clear();
  acceptor.reset();
}

FakeApi::FakeApi(Handler handler, bool wants_client_certificate)
    : ca_(fakes::make_ca("fake cluster")), impl_(std::make_unique<Impl>(std::move(handler))) {
  const fakes::Pair pair = fakes::issue(
      ca_,
      {.common_name = "kube-apiserver", .dns_names = {"kubernetes"}, .addresses = {"127.0.0.1"}});
  impl_->tls.use_certificate_chain(asio::buffer(pair.certificate_pem));
  impl_->tls.use_private_key(asio::buffer(pair.private_key_pem), asio::ssl::context::pem);
  if (wants_client_certificate) {
    impl_->tls.add_certificate_authority(asio::buffer(ca_.certificate_pem));
    impl_->tls.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  impl_->listen(0);
}

FakeApi::~FakeApi() { stop(); }

std::string FakeApi::port() const { return std::to_string(impl_->port); }

void FakeApi::stop() { impl_->close(); }

void FakeApi::start() { impl_->listen(impl_->port); }

bool FakeApi::until(const std::function<bool(const std::vector<FakeRequest>&)>& condition) {
  std::unique_lock lock(impl_->mutex);
  return impl_->wake.wait_for(lock, std::chrono::seconds(20),
                              [&] { return condition(impl_->requests); });
}

std::vector<FakeRequest> FakeApi::requests() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

std::size_t FakeApi::count(const std::string& method, const std::string& part_of_target) {
  std::size_t out = 0;
  for (const FakeRequest& request : requests()) {
    out += request.method == method && request.target.find(part_of_target) != std::string::npos;
  }
  return out;
}

}  // namespace ropewalk::controller::kube
