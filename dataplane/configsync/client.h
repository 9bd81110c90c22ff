// The data plane's configuration from a controller: keeps a stream open, puts what arrives into
// force through an Applier, keeps the last good snapshot on disk. Owned by main; runs a thread of
// its own, on which the Applier is called. gRPC is touched from start() on, not before.
#pragma once

#include "common/error.h"
#include "common/stream_tls.h"
#include "dataplane/configsync/applier.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::configsync {

struct SyncOptions {
  std::string target;   // "HOST:PORT"
  std::string node_id;  // pod or host name, unique per data plane
  std::string gateway = "default";
  std::string build;                                 // version of this program
  std::vector<std::string> extra_config_namespaces;  // what this build implements
  TlsSource tls;                 // empty: plaintext, on loopback or with insecure_stream
  std::string server_name;       // verified in place of the target's host; "" for it
  bool insecure_stream = false;  // --insecure-stream
  std::string state_dir;         // "": no snapshot on disk
  std::chrono::milliseconds first_retry{200};
  std::chrono::milliseconds longest_retry{5000};
  std::chrono::milliseconds patience{5000};  // ready with a snapshot and without controller after
  std::function<void()> status_changed;      // on the sync thread, after status(); must not block
};

struct SyncStatus {
  bool connected = false;
  bool complete = false;         // a complete configuration of a controller is in force
  bool ready = false;            // complete, or a snapshot after `patience`
  bool serves_snapshot = false;  // a snapshot was put into force at start
  std::size_t resources = 0;     // in force
  std::chrono::system_clock::time_point changed_at;  // last change of what is in force
  std::map<std::string, std::string> rejected;       // name -> message
  bool operator==(const SyncStatus&) const = default;
};

class SyncClient {
 public:
  SyncClient(SyncOptions options, Applier& applier);
  ~SyncClient();  // stops

  // Errors (one line): a target without port, plaintext off loopback, unusable certificate files,
  // a state directory that is not there. An unreachable controller is no error: it is retried.
  Result<void> start();
  void stop();  // returns when the thread has ended; the Applier is not called any more

  // Any thread.
  bool connected() const;
  bool complete_received() const;
  bool ready() const;
  SyncStatus status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::configsync
