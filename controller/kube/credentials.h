// The bearer token and the TLS context, kept in step with the files they come from. One thread.
#pragma once

#include "common/error.h"
#include "controller/kube/config.h"

#include <chrono>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace ropewalk::controller::kube {

class Credentials {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static Result<Credentials> create(ClusterConfig config);

  // "" without a token. A file that cannot be read leaves the last token in force: the kubelet
  // replaces it by a rename, and the API server judges it anyway.
  const std::string& token(Time now);
  std::shared_ptr<boost::asio::ssl::context> tls() const { return tls_; }
  // Reads token and CA with the next use.
  void refresh();
  const ClusterConfig& config() const { return config_; }

 private:
  explicit Credentials(ClusterConfig config) : config_(std::move(config)) {}

  ClusterConfig config_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  Time read_at_{};
  bool read_ = false;
};

}  // namespace ropewalk::controller::kube
