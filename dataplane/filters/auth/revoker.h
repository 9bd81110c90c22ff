// Which tokens are refused before they expire (auth/revoker): by the values of some of their
// claims. One for the whole gateway, kept over reloads; any thread.
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

class Revoker {
 public:
  // `port`: where revocations come in, 0 for nowhere.
  Revoker(std::vector<std::string> token_keys, const RotatingFilter::Shape& shape,
          std::uint16_t port)
      : token_keys_(std::move(token_keys)),
        wanted_port_(port),
        filter_(shape, std::chrono::steady_clock::now()) {}

  // Opens the port (revoker_port.h) unless it is open.
  void begin();

  // Whether a first-level text claim named in token_keys was revoked.
  bool refuses(const json::Value& claims);
  // "<claim>-<value>", as KrakenD's clients write it.
  void revoke(std::string_view entry);
  bool revoked(std::string_view entry);

 private:
  const std::vector<std::string> token_keys_;
  const std::uint16_t wanted_port_;
  std::mutex mutex_;
  RotatingFilter filter_;  // guarded
  std::once_flag begun_;
  std::unique_ptr<RevokerPort> port_;
};

// The one of the service, null without auth/revoker. Errors: Kind::config.
Result<std::shared_ptr<Revoker>> find_revoker(const pipeline::Site& site);

// No gate of its own: validators ask. Errors as above.
Result<std::shared_ptr<const pipeline::Gate>> make_revoker(const pipeline::Site& site);

}  // namespace ropewalk::auth
