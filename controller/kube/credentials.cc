#include "controller/kube/credentials.h"

#include "common/files.h"
#include "common/strings.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace ropewalk::controller::kube {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kTokenAge = std::chrono::minutes(1);

Result<std::shared_ptr<asio::ssl::context>> make_tls(const ClusterConfig& config) {
  const auto refuse = [&](const char* what, const error_code& error) {
    return fail(Kind::config, config.origin + ": " + what + ": " + error.message(),
                Origin::control);
  };
  auto out = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  SSL_CTX_set_min_proto_version(out->native_handle(), TLS1_2_VERSION);
  if (config.insecure_skip_verify) {
    out->set_verify_mode(asio::ssl::verify_none, error);
  } else {
    out->set_verify_mode(asio::ssl::verify_peer, error);
    if (config.ca_pem.empty()) {
      out->set_default_verify_paths(error);
    } else {
      out->add_certificate_authority(asio::buffer(config.ca_pem), error);
      if (error) return refuse("the CA is no PEM certificate", error);
    }
  }
  if (!config.client_certificate_pem.empty()) {
    out->use_certificate_chain(asio::buffer(config.client_certificate_pem), error);
    if (error) return refuse("the client certificate is not usable", error);
    out->use_private_key(asio::buffer(config.client_key_pem), asio::ssl::context::pem, error);
    if (error) return refuse("the client key does not fit the client certificate", error);
  }
  return out;
}

}  // namespace

Result<Credentials> Credentials::create(ClusterConfig config) {
  Credentials out(std::move(config));
  auto tls = make_tls(out.config_);
  if (!tls) return std::unexpected(tls.error());
  out.tls_ = std::move(*tls);
  return out;
}

const std::string& Credentials::token(Time now) {
  if (config_.token_file.empty() || (read_ && now - read_at_ < kTokenAge)) return config_.token;
  read_ = true;
  read_at_ = now;
  if (auto text = read_file(config_.token_file)) {
    config_.token = std::string(trim(*text, " \t\r\n"));
  }
  return config_.token;
}

void Credentials::refresh() {
  read_ = false;
  if (config_.ca_file.empty()) return;
  auto ca = read_file(config_.ca_file);
  if (!ca || *ca == config_.ca_pem) return;
  ClusterConfig next = config_;
  next.ca_pem = *ca;
  // A half-written or broken file keeps the CA that worked.
  if (auto tls = make_tls(next)) {
    tls_ = std::move(*tls);
    config_ = std::move(next);
  }
}

}  // namespace ropewalk::controller::kube
