// Which tokens are refused before they expire (auth/revoker): by the values of some of their
// claims. What was revoked is one for the whole gateway and kept over reloads; any thread.
#pragma once

#include "common/error.h"
#include "common/json/value.h"
#include "dataplane/filters/auth/bloom.h"
#include "dataplane/filters/auth/revoker_port.h"
#include "dataplane/pipeline/factory.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::auth {

// What was revoked, as long as N, P and TTL stay the same.
class Revocations {
 public:
  explicit Revocations(const RotatingFilter::Shape& shape)
      : filter_(shape, std::chrono::steady_clock::now()) {}

  // "<claim>-<value>", as KrakenD's clients write it.
  void revoke(std::string_view entry);
  bool revoked(std::string_view entry);

 private:
  std::mutex mutex_;
  RotatingFilter filter_;  // guarded
};

// Where revocations come in (revoker_port.h), once it has begun.
class RevocationsPort {
 public:
  RevocationsPort(std::shared_ptr<Revocations> into, std::uint16_t port)
      : into_(std::move(into)), wanted_(port) {}
  // Opens the port unless it is open.
  void begin();

 private:
  const std::shared_ptr<Revocations> into_;
  const std::uint16_t wanted_;
  std::once_flag begun_;
  std::unique_ptr<RevokerPort> port_;
};

class Revoker {
 public:
  // `port`: null for none.
  Revoker(std::vector<std::string> token_keys, std::shared_ptr<Revocations> revocations,
          std::shared_ptr<RevocationsPort> port)
      : token_keys_(std::move(token_keys)),
        revocations_(std::move(revocations)),
        port_(std::move(port)) {}

  void begin() const {
    if (port_) port_->begin();
  }
  // Whether a first-level text claim named in token_keys was revoked.
  bool refuses(const json::Value& claims) const;
  Revocations& revocations() const { return *revocations_; }

 private:
  const std::vector<std::string> token_keys_;
  const std::shared_ptr<Revocations> revocations_;
  const std::shared_ptr<RevocationsPort> port_;
};

// The one of the service, null without auth/revoker. Errors: Kind::config.
Result<std::shared_ptr<Revoker>> find_revoker(const pipeline::Site& site);

// No gate of its own: validators ask. Errors as above.
Result<std::shared_ptr<const pipeline::Gate>> make_revoker(const pipeline::Site& site);

}  // namespace ropewalk::auth
