#include "dataplane/net/dns_cache.h"

#include <algorithm>

namespace ropewalk::net {

const DnsCache::Addresses* DnsCache::fresh(const std::string& name, Clock::time_point now) const {
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second.addresses.empty() || now >= found->second.until)
    return nullptr;
  return &found->second.addresses;
}

const DnsCache::Addresses* DnsCache::known(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() || found->second.addresses.empty() ? nullptr
                                                                    : &found->second.addresses;
}

const std::string* DnsCache::failure(const std::string& name, Clock::time_point now) const {
  const auto found = entries_.find(name);
  if (found == entries_.end() || !found->second.addresses.empty() || now >= found->second.until)
    return nullptr;
  return &found->second.reason;
}

DnsCache::Entry& DnsCache::entry(const std::string& name) {
  if (entries_.size() >= kMaxNames && !entries_.contains(name)) entries_.erase(entries_.begin());
  return entries_[name];
}

void DnsCache::store(const std::string& name, Addresses addresses, std::chrono::seconds ttl,
                     Clock::time_point now) {
  Entry& known = entry(name);
  known.addresses = std::move(addresses);
  known.reason.clear();
  known.until = now + std::clamp(ttl, kShortest, kLongest);
  known.failures = 0;
}

void DnsCache::fail(const std::string& name, std::string reason, Clock::time_point now) {
  Entry& known = entry(name);
  known.reason = std::move(reason);
  const auto pause = known.addresses.empty()
                         ? kShortest
                         : std::min(kShortest * (1u << std::min(known.failures, 5u)), kLongest);
  known.until = now + pause;
  ++known.failures;
}

}  // namespace ropewalk::net
