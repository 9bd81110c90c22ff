// Where a validator or signer finds keys: those of a file, or of one or more key servers asked in
// the order given. Immutable but for the stores; any thread.
#pragma once

#include "dataplane/filters/auth/key_store.h"
#include "dataplane/filters/auth/settings.h"
#include "dataplane/pipeline/factory.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::auth {

class KeySource {
 public:
  // By the members of config/extra/jwk_source.h. `life` 0: as long as the source. Errors:
  // Kind::config.
  static Result<KeySource> make(const Settings& settings, const pipeline::Site& site,
                                jose::KeyNaming naming, KeyCacheSettings cache);

  enum class State : std::uint8_t { found, wait, none };
  struct Found {
    State state = State::none;
    KeyPtr key;
  };
  // Without waiting. Fetches what is soon over beside the request.
  Found find(const std::string& name, pipeline::Services& services) const;
  // After State::wait: `done` runs later on this worker, with the key or null.
  void fetch(const std::string& name, pipeline::Services& services,
             std::function<void(KeyPtr)> done) const;

  // Fetches ahead of the first request, once for each address: as KrakenD, into the cache of the
  // endpoint that comes first.
  void begin(pipeline::Services& services) const;

 private:
  using Stores = std::vector<std::shared_ptr<KeyStore>>;
  static void ask(const std::shared_ptr<const Stores>& stores, std::size_t position,
                  const std::string& name, pipeline::Services& services,
                  std::function<void(KeyPtr)> done);

  KeyMap local_;
  std::vector<std::shared_ptr<std::atomic_flag>> started_;  // of each store
  std::shared_ptr<const Stores> stores_ = std::make_shared<const Stores>();
};

}  // namespace ropewalk::auth
