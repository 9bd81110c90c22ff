// The controller's loop: objects -> translation -> data planes, and their answers -> status. Owned
// by main; one thread of its own. Everything it is given outlives it.
#pragma once

#include "controller/app/problems.h"
#include "controller/objects/source.h"
#include "controller/translate/translate.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace ropewalk::controller {

class GatewayConfig;
class PushServer;

class Controller {
 public:
  // `gateway_config` replaces that of `options`; null for none. on_change() of this object is what
  // both the source and the gateway configuration call. `arrival`: data planes come (back) within
  // this time after the first publication, or after this replica began to lead; before its end
  // nothing is said about their absence.
  Controller(Options options, Source& source, StatusSink& status, PushServer& push,
             const GatewayConfig* gateway_config,
             std::chrono::milliseconds arrival = std::chrono::seconds(15));
  ~Controller();  // stops

  // Once.
  void start();
  // The thread has ended when it returns. Stop the source after it.
  void stop();

  // Any thread; posts and returns.
  void on_change(Change change);

  // Any thread. The first complete translation was published: not the addresses alone, while the
  // gateway configuration cannot be read. A replica that is not ready takes nobody's place.
  bool published() const;
  std::vector<ReportedProblem> problems() const;
  std::string metrics() const;  // Prometheus text

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller
