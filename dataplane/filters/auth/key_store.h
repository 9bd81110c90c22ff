// The keys of one key server for the whole gateway: a KeyCache behind a mutex, and at most one
// fetch at a time that everybody waits for. Any thread; the mutex is never held over I/O or a
// callback.
#pragma once

#include "dataplane/filters/auth/key_cache.h"
#include "dataplane/pipeline/services.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ropewalk::auth {

struct KeyStoreSettings {
  std::string url;
  bool plain_redirects = false;  // a redirect may lead to http
  std::shared_ptr<const net::ClientTls> tls;
  jose::KeyNaming naming = jose::KeyNaming::kid;
  std::string user_agent;
  KeyCacheSettings cache;
};

inline TimePoint steady_now() { return std::chrono::steady_clock::now(); }

// What a fetch brought; null when it failed.
using FetchedKeys = std::shared_ptr<const KeyMap>;
using KeysDone = std::function<void(const FetchedKeys&)>;

class KeyStore : public std::enable_shared_from_this<KeyStore> {
 public:
  explicit KeyStore(KeyStoreSettings settings)
      : settings_(std::move(settings)), cache_(settings_.cache) {}

  KeyCache::Found find(const std::string& name, TimePoint now);
  void missed(const std::string& name, TimePoint now);
  // `done` (may be empty) runs on the worker of `services`, after this call.
  void fetch(pipeline::Services& services, KeysDone done);

 private:
  struct Waiter {
    std::function<void(std::function<void()>)> post;
    KeysDone done;
  };
  void ask(pipeline::Services& services, std::string url, int redirects);
  void answered(pipeline::Services& services, const std::string& url, int redirects,
                Result<pipeline::FetchAnswer> answer);
  void finish(const FetchedKeys& keys);

  const KeyStoreSettings settings_;
  std::mutex mutex_;
  KeyCache cache_;               // guarded
  bool fetching_ = false;        // guarded
  std::vector<Waiter> waiters_;  // guarded
};

// The keys that an answer of a key server carries: the type of its content must begin with
// application/json or application/jwk-set+json, its status does not matter (KrakenD).
Result<KeyMap> keys_of(const pipeline::FetchAnswer& answer, jose::KeyNaming naming);

// Where a redirect from `url` leads; "" when it may not be followed.
std::string redirect_target(std::string_view url, std::string_view location, bool plain_allowed);

}  // namespace ropewalk::auth
