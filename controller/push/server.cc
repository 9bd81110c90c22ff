#include "controller/push/server.h"

#include "common/log.h"
#include "controller/push/credentials.h"
#include "controller/push/streams.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ropewalk::controller {
namespace {

constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kShortestPingMs = 5'000;  // what a data plane may do
constexpr int kMaxReceive = 64 << 20;   // a first report names everything that is held

class SyncService final : public sync::v1::ConfigSync::CallbackService {
 public:
  explicit SyncService(std::shared_ptr<Streams> streams) : streams_(std::move(streams)) {}

  grpc::ServerBidiReactor<sync::v1::Report, sync::v1::Delta>* Sync(
      grpc::CallbackServerContext* context) override {
    auto* stream = new ServerStream(*context, streams_);  // deletes itself when it is done
    stream->begin();
    return stream;
  }

 private:
  const std::shared_ptr<Streams> streams_;
};

// gRPC does not say why it could not listen; the same address, tried once more, does.
std::string reason_not_to_listen(const std::string& host_port) {
  const auto colon = host_port.rfind(':');
  std::string host = host_port.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                 host_port.substr(colon + 1).c_str(), &hints, &found);
  if (failed != 0) return gai_strerror(failed);
  std::string reason = "the address cannot be used";
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0) reason = std::strerror(errno);
    ::close(fd);
  }
  freeaddrinfo(found);
  return reason;
}

}  // namespace

class PushServer::Impl {
 public:
  explicit Impl(const Options& options)
      : streams_(std::make_shared<Streams>(options.gateway_name, options.forget_after)),
        service_(streams_) {}
  ~Impl() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
  }

  Result<void> listen(const Options& options);

  const std::shared_ptr<Streams> streams_;
  SyncService service_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

Result<void> PushServer::Impl::listen(const Options& options) {
  auto credentials =
      options.tls
          ? reloading_credentials(options.tls)
          : Result<std::shared_ptr<grpc::ServerCredentials>>(grpc::InsecureServerCredentials());
  if (!credentials) return std::unexpected(credentials.error());
  credentials_ = *credentials;
  gpr_set_log_function([](gpr_log_func_args* args) {
    const bool fatal = std::string_view(args->message).starts_with("assertion failed");
    log::write(fatal ? log::Level::error : log::Level::debug, "grpc",
               {{"message", args->message}, {"file", args->file}});
  });
  grpc::ServerBuilder builder;
  // ":9181" means every address, IPv6 included.
  const std::string address =
      options.listen.starts_with(':') ? "[::]" + options.listen : options.listen;
  builder.AddListeningPort(address, credentials_, &port_);
  builder.RegisterService(&service_);
  // A second controller on the port has to fail, not to share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kShortestPingMs);
  builder.SetMaxReceiveMessageSize(kMaxReceive);
  builder.SetMaxSendMessageSize(-1);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0)
    return fail(Kind::io,
                "--listen " + options.listen + ": " + reason_not_to_listen(options.listen));
  return {};
}

Result<std::unique_ptr<PushServer>> PushServer::start(Options options) {
  if (options.listen.rfind(':') == std::string::npos)
    return fail(Kind::config, "--listen " + options.listen + ": expected HOST:PORT");
  if (!options.tls && !options.insecure_stream && !is_loopback(options.listen))
    return fail(Kind::config, "--listen " + options.listen +
                                  ": the stream needs --tls-cert, --tls-key and --tls-ca (or "
                                  "--insecure-stream: plaintext off loopback)");
  auto impl = std::make_unique<Impl>(options);
  if (auto listening = impl->listen(options); !listening) return std::unexpected(listening.error());
  return std::unique_ptr<PushServer>(new PushServer(std::move(impl)));
}

PushServer::PushServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PushServer::~PushServer() = default;
void PushServer::publish(const Translation& translation, Extent extent,
                         const std::set<std::string>& unreadable_namespaces) {
  impl_->streams_->publish(translation, extent, unreadable_namespaces);
}
void PushServer::stand(Standing standing) { impl_->streams_->stand(standing); }
void PushServer::on_change(std::function<void()> changed) {
  impl_->streams_->on_change(std::move(changed));
}
std::vector<NodeReport> PushServer::report() const { return impl_->streams_->report(); }
std::uint16_t PushServer::port() const { return static_cast<std::uint16_t>(impl_->port_); }

}  // namespace ropewalk::controller
