// Keeps the stream's certificate Secrets in being, on the cluster's thread. Every replica may run
// it: creation and replacement fail with 409 where another was faster, and then it reads again.
#pragma once

#include "common/asio.h"
#include "controller/kube/backoff.h"
#include "controller/kube/certificates.h"
#include "controller/kube/client.h"

#include <functional>
#include <string>

namespace ropewalk::controller::kube {

// What the controller's side of the stream needs.
struct StreamCertificates {
  std::string certificate_pem;
  std::string key_pem;
  std::string ca_pem;
  bool operator==(const StreamCertificates&) const = default;
};

class Minter {
 public:
  // Called when they exist and each time they change.
  using OnCertificates = std::function<void(const StreamCertificates&)>;

  Minter(asio::io_context& context, Client& client, CertificateNames names, Random random,
         OnCertificates on_certificates);

  void start();
  void stop();

 private:
  Task<void> run();
  // Whether all is in place now; reads what others wrote in between, at most a few times.
  Task<Result<void>> settle();
  Task<Result<StoredSecret>> read(std::string name);
  Task<Result<bool>> write(const StoredSecret& secret);  // false: 409

  asio::io_context& context_;
  Client& client_;
  CertificateNames names_;
  Backoff backoff_;
  OnCertificates on_certificates_;
  StreamCertificates last_;
  SteadyTimer timer_;
  bool stopping_ = false;
  bool troubled_ = false;
};

}  // namespace ropewalk::controller::kube
