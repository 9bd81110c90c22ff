// Whether a password is the one behind a bcrypt hash. A check takes tens of milliseconds, so it
// runs on threads of its own, and what was right is remembered (as a keyed digest) for a while.
// Any thread.
#pragma once

#include "common/keyed_table.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ropewalk::auth {

class PasswordCheck {
 public:
  PasswordCheck();
  ~PasswordCheck();

  // True when this very pair was right before.
  bool known(const std::string& hash, std::string_view password);
  // Who asks: a share of the checks is a client's, and an IPv6 network of 64 bits is one client.
  // Checks have a thread for every two workers, up to four.
  struct Asker {
    std::string_view client_address;
    std::size_t workers = 1;
  };
  // `done` runs on a thread of the checks; the same pair is checked once for all who ask meanwhile.
  // False: too many are waiting, in all, or of this client where half of the places are taken;
  // `done` never runs.
  bool check(std::string hash, std::string password, const Asker& asker,
             std::function<void(bool)> done);

  static constexpr std::size_t kMostWaiting = 256;
  static constexpr std::size_t kMostOfOneClient = 8;
  static constexpr std::size_t kMostKnown = 10000;

 private:
  struct Job {
    std::string hash;
    std::string password;
    std::string client;
    std::vector<std::function<void(bool)>> done;
  };
  std::string digest_of(const std::string& hash, std::string_view password) const;
  void work();

  std::string secret_;  // of this process
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> queue_;                  // guarded: digests of jobs
  KeyedMap<Job> jobs_;                             // guarded, by digest: waiting or under way
  std::map<std::string, std::size_t> of_clients_;  // guarded: their jobs
  KeyedSet<> known_;                               // guarded
  bool stopping_ = false;                          // guarded
  std::vector<std::thread> threads_;               // started with the first check
};

}  // namespace ropewalk::auth
