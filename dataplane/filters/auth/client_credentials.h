// The filter of auth/client-credentials around the call of a backend: the gateway fetches a token
// of its own (RFC 6749 4.4), keeps it until shortly before it expires and sends it as
// Authorization.
#pragma once

#include "dataplane/filters/auth/token_answer.h"
#include "dataplane/pipeline/factory.h"
#include "dataplane/pipeline/filter.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::auth {

struct CredentialSettings {
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::vector<std::pair<std::string, std::string>> params;  // sorted by name
  std::string user_agent;
  std::string problem;  // why no call can succeed, "" for none
  std::shared_ptr<const net::ClientTls> tls;
};

// One per backend for the whole gateway, kept over reloads; any thread. At most one fetch at a
// time, for which everybody waits. The credentials go into the Basic field first, and where that
// fails into the body; what worked is remembered.
class TokenStore : public std::enable_shared_from_this<TokenStore> {
 public:
  using Done = std::function<void(const Result<std::string>&)>;  // value of Authorization
  explicit TokenStore(CredentialSettings settings) : settings_(std::move(settings)) {}

  // The token that is there, if it is good for a while.
  std::optional<std::string> current(std::chrono::steady_clock::time_point now);
  // `done` runs on the worker of `services`, after this call.
  void fetch(pipeline::Services& services, Done done);

 private:
  enum class Style : std::uint8_t { unknown, basic, body };
  struct Waiter {
    std::function<void(std::function<void()>)> post;
    Done done;
  };
  void ask(pipeline::Services& services, Style style, bool last);
  // Follows redirects on the way, as long as they stay at the same place (design 7.4).
  void send(pipeline::Services& services, pipeline::FetchRequest request, int redirects,
            pipeline::FetchDone done);
  pipeline::FetchRequest request(Style style) const;
  void finish(Result<AccessToken> token, Style style);

  const CredentialSettings settings_;
  std::mutex mutex_;
  Style style_ = Style::unknown;                              // guarded
  bool fetching_ = false;                                     // guarded
  std::vector<Waiter> waiters_;                               // guarded
  std::optional<std::string> token_;                          // guarded
  std::optional<std::chrono::steady_clock::time_point> end_;  // guarded; nothing: for ever
};

// Errors: Kind::config.
Result<std::shared_ptr<const pipeline::Filter>> make_client_credentials(const pipeline::Site& site);

}  // namespace ropewalk::auth
