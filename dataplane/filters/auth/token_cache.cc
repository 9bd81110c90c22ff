#include "dataplane/filters/auth/token_cache.h"

#include <functional>

namespace ropewalk::auth {

// The whole text of a token is compared, so an unkeyed hash is no way in; and only verified tokens
// are kept, so nobody else fills a bucket.
TokenCache::Shard& TokenCache::shard_of(std::string_view token) {
  constexpr std::size_t kTail = 24;  // of the signature, where tokens differ
  const auto tail = token.substr(token.size() - std::min(token.size(), kTail));
  return shards_[std::hash<std::string_view>()(tail) % kShards];
}

std::shared_ptr<const Verdict> TokenCache::find(std::string_view token) {
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.by_token.find(token);
  if (at == shard.by_token.end()) return nullptr;
  shard.entries.splice(shard.entries.begin(), shard.entries, at->second);
  return at->second->verdict;
}

void TokenCache::drop_last(Shard& shard) {
  shard.bytes -= shard.entries.back().token.size();
  shard.by_token.erase(shard.entries.back().token);
  shard.entries.pop_back();
}

void TokenCache::put(std::string_view token, std::shared_ptr<const Verdict> verdict) {
  if (token.size() > kMostBytes / kShards / 4) return;
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  if (const auto at = shard.by_token.find(token); at != shard.by_token.end()) {
    at->second->verdict = std::move(verdict);
    return;
  }
  shard.entries.push_front({std::string(token), std::move(verdict)});
  shard.by_token.emplace(shard.entries.front().token, shard.entries.begin());
  shard.bytes += token.size();
  while (shard.bytes > kMostBytes / kShards || shard.entries.size() > kMostTokens / kShards)
    drop_last(shard);
}

void TokenCache::erase(std::string_view token) {
  Shard& shard = shard_of(token);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.by_token.find(token);
  if (at == shard.by_token.end()) return;
  const auto entry = at->second;
  shard.bytes -= entry->token.size();
  shard.by_token.erase(at);
  shard.entries.erase(entry);
}

std::size_t TokenCache::size() const {
  std::size_t out = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    out += shard.entries.size();
  }
  return out;
}

}  // namespace ropewalk::auth
