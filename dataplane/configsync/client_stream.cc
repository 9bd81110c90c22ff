#include "dataplane/configsync/client_stream.h"

#include "common/log.h"

#include <grpc/support/log.h>

namespace ropewalk::configsync {
namespace {

constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kConnectTimeoutMs = 5'000;
constexpr int kMaxReceive = 64 << 20;

grpc::ChannelArguments arguments(const std::string& server_name) {
  grpc::ChannelArguments out;
  out.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  out.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  out.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  out.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  out.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // A channel lives as long as one stream, so that the next one reads the certificates again.
  out.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Neither a proxy from the environment nor settings from DNS may redirect the configuration.
  out.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  out.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  out.SetMaxReceiveMessageSize(kMaxReceive);
  out.SetMaxSendMessageSize(-1);
  if (!server_name.empty()) out.SetSslTargetNameOverride(server_name);
  return out;
}

std::shared_ptr<grpc::ChannelCredentials> credentials(const std::optional<TlsPem>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls->ca;
  options.pem_private_key = tls->private_key;
  options.pem_cert_chain = tls->certificate;
  return grpc::SslCredentials(options);
}

}  // namespace

std::shared_ptr<ClientStream> ClientStream::open(const std::string& target,
                                                 const std::optional<TlsPem>& tls,
                                                 const std::string& server_name, Events events) {
  gpr_set_log_function([](gpr_log_func_args* args) {
    const bool fatal = std::string_view(args->message).starts_with("assertion failed");
    log::write(fatal ? log::Level::error : log::Level::debug, "grpc",
               {{"message", args->message}, {"file", args->file}});
  });
  auto channel = grpc::CreateCustomChannel(target, credentials(tls), arguments(server_name));
  std::shared_ptr<ClientStream> stream(new ClientStream(std::move(channel), std::move(events)));
  stream->begin(stream);
  return stream;
}

ClientStream::ClientStream(std::shared_ptr<grpc::Channel> channel, Events events)
    : channel_(std::move(channel)),
      stub_(sync::v1::ConfigSync::NewStub(channel_)),
      events_(std::move(events)) {}

void ClientStream::begin(std::shared_ptr<ClientStream> self) {
  self_ = std::move(self);
  stub_->async()->Sync(&context_, this);
  AddHold();  // writes come from outside of reactions
  StartRead(&delta_);
  StartCall();
}

void ClientStream::send(sync::v1::Report report) {
  const std::lock_guard lock(mutex_);
  if (let_go_) return;
  waiting_.push_back(std::move(report));
  if (!writing_) write_next();
}

void ClientStream::write_next() {
  writing_ = true;
  StartWrite(&waiting_.front());
}

void ClientStream::cancel() {
  context_.TryCancel();
  const std::lock_guard lock(mutex_);
  let_go();
}

void ClientStream::let_go() {
  if (let_go_) return;
  let_go_ = true;
  RemoveHold();
}

void ClientStream::OnReadInitialMetadataDone(bool ok) {
  // A refusal arrives without the controller's own metadata.
  if (ok && context_.GetServerInitialMetadata().contains("ropewalk-sync")) events_.opened();
}

void ClientStream::OnReadDone(bool ok) {
  if (ok) {
    events_.received(std::move(delta_));
    delta_.Clear();
    StartRead(&delta_);
    return;
  }
  const std::lock_guard lock(mutex_);
  let_go();
}

void ClientStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  waiting_.pop_front();
  if (!ok)
    let_go();
  else if (!let_go_ && !waiting_.empty())
    write_next();
}

void ClientStream::OnDone(const grpc::Status& status) {
  // The owner's reference has to be the last one: gRPC must not see its channel end on one of its
  // own threads, which that end joins. So nothing of this object is touched after the owner knows.
  const auto closed = events_.closed;
  const End end{status, context_.GetServerTrailingMetadata().contains("ropewalk-stands-by")};
  self_.reset();
  closed(end);
}

}  // namespace ropewalk::configsync
