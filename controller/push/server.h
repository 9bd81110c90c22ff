// The controller's end of the push protocol over gRPC: any number of data planes, each with a
// Session of its own. Owned by main. Every method may be called from any thread.
#pragma once

#include "common/error.h"
#include "common/stream_tls.h"
#include "controller/objects/source.h"
#include "controller/push/node_report.h"
#include "controller/snapshot/desired.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct Translation;

class PushServer {
 public:
  struct Options {
    std::string listen;                    // "HOST:PORT"; port 0 takes a free one
    std::string gateway_name = "default";  // data planes of other gateways are turned away
    TlsSource tls;                         // empty: plaintext, on loopback or with insecure_stream
    bool insecure_stream = false;
    std::chrono::seconds forget_after{60};  // a data plane that is gone leaves the report
  };

  // Errors (one line): address in use or not ours, plaintext off loopback, unusable certificates.
  static Result<std::unique_ptr<PushServer>> start(Options options);
  ~PushServer();  // ends every stream and waits for it; not on a thread of gRPC (on_change)

  // What the data planes should hold from now on. Before the first call they are sent nothing and
  // keep what they have.
  void publish(const Translation& translation, Extent extent = Extent::everything,
               const std::set<std::string>& unreadable_namespaces = {});
  // While another replica leads, data planes are to be with it: open streams end, new ones are
  // turned away, until `standing` says otherwise. They keep what they have.
  void stand(Standing standing);
  // `changed` is called (on a thread of gRPC) after a data plane came, went or answered; it must
  // not block and must not call back into this object other than by report().
  void on_change(std::function<void()> changed);
  // Sorted by id; of several streams with the same id the newest.
  std::vector<NodeReport> report() const;
  std::uint16_t port() const;

 private:
  class Impl;
  explicit PushServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller
