// Tokens that were verified once: what their claims are and which key it was. Shared by the
// workers, a short mutex per shard; the least recently used go first. Nothing that failed is kept.
#pragma once

#include "common/jose/claims.h"
#include "dataplane/filters/auth/key_cache.h"

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ropewalk::auth {

// Of a token whose signature and claims are good. Immutable.
struct Verdict {
  jose::Claims claims;
  bool allowed = false;         // roles and scopes
  std::string key_name;         // what the token calls its key
  std::string key_fingerprint;  // the key that verified it
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;  // propagated claims
};

class TokenCache {
 public:
  std::shared_ptr<const Verdict> find(std::string_view token);
  void put(std::string_view token, std::shared_ptr<const Verdict> verdict);
  void erase(std::string_view token);
  std::size_t size() const;

  static constexpr std::size_t kMostTokens = 8192;
  static constexpr std::size_t kMostBytes = std::size_t{4} << 20;  // of token texts

 private:
  static constexpr std::size_t kShards = 16;
  struct Entry {
    std::string token;
    std::shared_ptr<const Verdict> verdict;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_token;
    std::size_t bytes = 0;
  };
  Shard& shard_of(std::string_view token);
  static void drop_last(Shard& shard);

  std::array<Shard, kShards> shards_;
};

}  // namespace ropewalk::auth
