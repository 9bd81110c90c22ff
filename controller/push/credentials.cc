#include "controller/push/credentials.h"

#include "common/log.h"

#include <grpc/grpc_security.h>

#include <mutex>
#include <optional>
#include <utility>

namespace ropewalk::controller {
namespace {

grpc_ssl_server_certificate_config* certificate_config(const TlsPem& pem) {
  const grpc_ssl_pem_key_cert_pair pair{pem.private_key.c_str(), pem.certificate.c_str()};
  return grpc_ssl_server_certificate_config_create(pem.ca.c_str(), &pair, 1);
}

// The C++ layer of gRPC 1.51 has no way to the certificate fetcher of its core, other than a
// subclass.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  explicit ReloadingCredentials(TlsSource source) : source_(std::move(source)) {
    auto* options = grpc_ssl_server_credentials_create_options_using_config_fetcher(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, &fetch, this);
    credentials_ = grpc_ssl_server_credentials_create_with_options(options);
  }
  ~ReloadingCredentials() override { grpc_server_credentials_release(credentials_); }
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<ReloadingCredentials*>(self)->fetch_new(config);
  }

  grpc_ssl_certificate_config_reload_status fetch_new(grpc_ssl_server_certificate_config** config) {
    auto pem = source_();
    const std::lock_guard lock(mutex_);
    if (!pem) {
      if (complaint_ != pem.error().message)
        log::warning("certificates of the stream are not usable, the earlier ones stay",
                     {{"error", pem.error().message}});
      complaint_ = pem.error().message;
      return current_ ? GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED
                      : GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
    }
    complaint_.clear();
    if (current_ == *pem) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    if (current_) log::info("certificates of the stream reloaded");
    *config = certificate_config(*pem);
    current_ = std::move(*pem);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const TlsSource source_;
  grpc_server_credentials* credentials_ = nullptr;
  std::mutex mutex_;  // handshakes run on any thread of gRPC
  std::optional<TlsPem> current_;
  std::string complaint_;
};

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> reloading_credentials(TlsSource source) {
  if (auto first = source(); !first) return std::unexpected(first.error());
  return std::make_shared<ReloadingCredentials>(std::move(source));
}

}  // namespace ropewalk::controller
