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
  // `done` runs on a thread of the checks. False: too many are waiting, in all or of this client,
  // and `done` never runs. A client's IPv6 network of 64 bits is one client.
  bool check(std::string hash, std::string password, std::string_view client_address,
             std::function<void(bool)> done);

  static constexpr std::size_t kMostWaiting = 256;
  static constexpr std::size_t kMostOfOneClient = 8;
  static constexpr std::size_t kMostKnown = 10000;

 private:
  struct Job {
    std::string hash;
    std::string password;
    std::string client;
    std::function<void(bool)> done;
  };
  std::string digest_of(const std::string& hash, std::string_view password) const;
  void work();

  std::string secret_;  // of this process
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;                           // guarded
  std::map<std::string, std::size_t> of_clients_;  // guarded: checks waiting or under way
  KeyedSet<> known_;                               // guarded
  bool stopping_ = false;                          // guarded
  std::vector<std::thread> threads_;               // started with the first check
};

}  // namespace ropewalk::auth
