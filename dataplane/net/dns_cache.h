// What is known of names: the state behind the resolver, without I/O. One thread.
#pragma once

#include "common/keyed_table.h"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace ropewalk::net {

class DnsCache {
 public:
  using Addresses = std::vector<boost::asio::ip::address>;
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kShortest{1};
  static constexpr std::chrono::seconds kLongest{30};

  // Addresses to use without asking; nullptr: ask.
  const Addresses* fresh(const std::string& name, Clock::time_point now) const;
  // Addresses of the last answer, however old; nullptr without one.
  const Addresses* known(const std::string& name) const;
  // Why the last lookup failed, while that is too recent to ask again and no address is known.
  const std::string* failure(const std::string& name, Clock::time_point now) const;

  // An answer; its TTL is held between kShortest and kLongest.
  void store(const std::string& name, Addresses addresses, std::chrono::seconds ttl,
             Clock::time_point now);
  // No answer: what is known serves on, 1 s at first and twice as long each time up to kLongest; a
  // name without addresses is not asked for again within kShortest.
  void fail(const std::string& name, std::string reason, Clock::time_point now);

 private:
  struct Entry {
    Addresses addresses;
    std::string reason;
    Clock::time_point until;  // addresses are fresh, or the failure recent
    unsigned failures = 0;
  };
  Entry& entry(const std::string& name);  // when full, some other name is forgotten

  // Names come from the configuration; only redirects can add more.
  static constexpr std::size_t kMaxNames = 4096;
  KeyedMap<Entry> entries_;
};

}  // namespace ropewalk::net
